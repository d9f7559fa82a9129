import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { complaintsOf, visit, type Visit } from './route-rig.test-support.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'file-actions-'));
const files = path.join(directory, 'files');
mkdirSync(files);
writeFileSync(path.join(files, 'page.css'), 'x{}\n');
utimesSync(path.join(files, 'page.css'), 1_000_000_000, 1_000_000_000);
writeFileSync(path.join(files, 'big.bin'), Buffer.alloc(300_000, 7));
writeFileSync(path.join(directory, 'secret'), 'secret');
symlinkSync('../secret', path.join(files, 'link'));
after(() => {
  rmSync(directory, { recursive: true });
});

const MODIFIED = 'Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\n';

function answer(action: string, uri = '/', given: Visit = {}): string {
  return visit([`route = ^/(.*) ${action}`], uri, { settings: { directory: files }, ...given }).answer;
}

test('static sends a file as the static files do', () => {
  const sent = `200 OK\nContent-Type: text/css\nContent-Length: 4\n${MODIFIED}\n`;
  assert.equal(answer(`static:${files}/page.css`), `${sent}x{}\n`);
  assert.equal(answer('static:page.css'), `${sent}x{}\n`);
  assert.equal(answer('static:page.css', '/', { method: 'HEAD' }), sent);
  const variables = { HTTP_IF_MODIFIED_SINCE: 'Sun, 09 Sep 2001 01:46:40 GMT' };
  assert.equal(answer('static:page.css', '/', { variables }), '304 Not Modified\n\n');
  assert.match(answer('static:page.css', '/', { method: 'POST' }), /^405 Method Not Allowed\n[\s\S]*Allow: GET, HEAD/);
});

test('static leaves the type out where the instance knows none', () => {
  const settings = { directory: files, typesStaticFiles: false };
  assert.doesNotMatch(answer('static:page.css', '/', { settings }), /Content-Type/);
});

test('static says how the file was sent', () => {
  const via = (settings: Visit['settings']): string =>
    visit(['route-run = static:page.css'], '/', { settings: { directory: files, ...settings } }).exchange.record.via;
  assert.equal(via({}), 'sendfile()');
  assert.equal(via({ fileVia: 'offload()' }), 'offload()');
});

test('static answers 404 where there is no file, static-next goes on', () => {
  for (const name of ['none', '.', 'page.css/x']) {
    assert.match(answer(`static:${name}`), /^404 Not Found\n[\s\S]*\nNot Found$/);
    assert.match(answer(`static-next:${name}`), /^200 OK\n[\s\S]*\napp$/);
  }
});

test('static never leads out of the directory in front of what comes from the request', () => {
  assert.match(answer(`static:${files}/$1`, '/page.css'), /^200 OK\n/);
  for (const uri of ['/../secret', '/link', '/x/../../secret', '/..', '/\0', '/page.css\0']) {
    assert.match(answer(`static:${files}/$1`, '/', { path: uri }), /^404 /, uri);
  }
  assert.match(answer('static:$1', '/', { path: `/${files}/../secret` }), /^404 /);
  assert.match(answer(`static:${files}/link`), /^200 OK\n[\s\S]*secret$/);
});

test('file sends a page with a status and a type', () => {
  assert.equal(answer('file:filename=page.css'), '200 OK\nContent-Length: 4\nContent-Type: text/html\n\nx{}\n');
  assert.equal(
    answer('file:filename=page.css,status=201 Made,content_type=text/foo'),
    '201 Made\nContent-Length: 4\nContent-Type: text/foo\n\nx{}\n',
  );
  assert.equal(answer('file:filename=page.css,mime=1,no_cl=1'), '200 OK\nContent-Type: text/css\n\nx{}\n');
  assert.equal(answer('file:filename=page.css', '/', { method: 'POST' }).endsWith('x{}\n'), true);
  assert.match(answer('file:filename=none'), /^404 /);
  assert.match(answer('file-next:filename=none'), /^200 OK\n[\s\S]*\napp$/);
});

test('file and its kin need the name of a file', () => {
  assert.deepEqual(
    complaintsOf('route-run = file:/a', 'route-run = static:', 'route-run = file:filename=x,status=abc'),
    [
      'error: invalid route syntax: "/a" is not understood, expected KEY=VALUE',
      'error: invalid route syntax: the name of the file is missing',
      'error: invalid route syntax: status=abc is no status',
    ],
  );
});

test('big files are streamed', async () => {
  const { exchange } = visit(['route-run = sendfile:filename=big.bin'], '/', { settings: { directory: files } });
  await exchange.whenFinished;
  assert.equal(exchange.header('Content-Length'), '300000');
  assert.equal(exchange.sentBody.length, 300_000);
  assert.equal(exchange.record.via, 'sendfile()');
});

test('a file can stand in for an error of the app', () => {
  const page = (rule: string): string => visit([rule], '/', { status: 404, settings: { directory: files } }).answer;
  assert.equal(
    page('error-route-status = 404 file:filename=page.css,status=404 Not Found'),
    '404 Not Found\nContent-Type: text/html\n\nx{}\n',
  );
  assert.equal(page('error-route-status = 404 static:page.css'), `200 OK\nContent-Type: text/css\n${MODIFIED}\nx{}\n`);
  assert.equal(page('error-route-status = 404 static:none').startsWith('404 Reason\n'), true);
  assert.equal(page('error-route-status = 500 static:page.css').startsWith('404 Reason\n'), true);
  const { exchange } = visit(['error-route-run = static:big.bin'], '/', {
    status: 500,
    settings: { directory: files },
  });
  assert.equal(exchange.sentBody.length, 300_000);
});

test('expires counts from a time, a file or now', () => {
  const header = (argument: string): string | undefined =>
    visit([`route-run = expires:${argument}`], '/', { settings: { directory: files } }).exchange.header('Expires');
  assert.equal(header('unix=1000000000'), 'Sun, 09 Sep 2001 01:46:40 GMT');
  assert.equal(header('unix=1000000000,value=60'), 'Sun, 09 Sep 2001 01:47:40 GMT');
  assert.equal(header('filename=page.css,value=10'), 'Sun, 09 Sep 2001 01:46:50 GMT');
  const seconds = (Date.parse(header('value=60') ?? '') - Date.now()) / 1000;
  assert.ok(seconds > 50 && seconds <= 60, `${seconds}`);
  assert.deepEqual(complaintsOf('route-run = expires:'), ['error: invalid route syntax: expires: needs value=SECONDS']);
});
