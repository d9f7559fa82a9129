import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { makeCertificate } from './certificates.ts';
import { startSecure } from './project.ts';

/** What a program says until it ends in order. */
async function outputOf(rig: Rig, command: readonly string[]): Promise<string> {
  const program = await rig.start(command);
  const { code } = await program.waitForExit();
  assert.equal(code, 0, program.log.tail(40));
  return program.log.lines.join('\n');
}

test('openssl s_client agrees on TLS 1.3, ALPN and the certificate of the host it names', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  makeCertificate(rig, 'other.example');
  const { port } = await startSecure(rig, { lines: ['sni = other.example other.example.crt,other.example.key'] });
  const connect = (...more: string[]): Promise<string> =>
    outputOf(rig, ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-alpn', 'h2,http/1.1', ...more]);
  const first = await connect('-servername', 'localhost', '-tls1_3');
  assert.match(first, /New, TLSv1\.3, Cipher is TLS_AES/);
  assert.match(first, /ALPN protocol: h2/);
  assert.match(first, /subject=CN = localhost/);
  const second = await connect('-servername', 'other.example', '-tls1_2');
  assert.match(second, /New, TLSv1\.2, Cipher is ECDHE-/);
  assert.match(second, /subject=CN = other\.example/);
});

test('openssl s_client is told which authority is to have signed its certificate', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  makeCertificate(rig, 'authority');
  const { port } = await startSecure(rig, { behindKey: ',,authority.crt' });
  const said = await outputOf(rig, ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-tls1_2']);
  assert.match(said, /Acceptable client certificate CA names\nCN = authority/);
});

test('h2load gets an answer to each of its requests over HTTP/2', skipFor(needs('h2load'), oursOnly), async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig);
  const said = await outputOf(rig, ['h2load', '-n', '2000', '-c', '4', '-m', '20', `https://127.0.0.1:${port}/x`]);
  assert.match(said, /^Application protocol: h2$/m);
  assert.match(
    said,
    /^requests: 2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout$/m,
  );
});

const PAGE = `<!DOCTYPE html>
<html><head><title>page</title><link rel="stylesheet" href="/style.css"></head>
<body><p id="told">nothing</p><script>
window.addEventListener('load', () => {
  const [style] = performance.getEntriesByType('resource');
  const [page] = performance.getEntriesByType('navigation');
  const colour = getComputedStyle(document.body).color;
  document.getElementById('told').textContent = [colour, page.nextHopProtocol, style.nextHopProtocol].join('; ');
});
</script></body></html>
`;

/** Without a sandbox, since tests run as root; the certificate is our own. */
const CHROMIUM = [
  'chromium',
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--ignore-certificate-errors',
  '--dump-dom',
];

test('Chromium loads a page with its style sheet over HTTP/2', skipFor(needs('chromium'), oursOnly), async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^(?:tmp|profile|\.cache|\.config)\b/ });
  rig.write('static/index.html', PAGE);
  rig.write('static/style.css', 'body { color: rgb(1, 2, 3); }');
  const { port } = await startSecure(rig, { lines: ['check-static = static', 'static-index = index.html'] });
  const profile = `--user-data-dir=${rig.path('profile')}`;
  const page = await outputOf(rig, [...CHROMIUM, profile, `https://localhost:${port}/index.html`]);
  assert.match(page, /<p id="told">rgb\(1, 2, 3\); h2; h2<\/p>/);
});
