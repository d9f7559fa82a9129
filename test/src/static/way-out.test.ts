import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';

import { ask, exchangeBytes, HttpClient, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutFiles, TEN_BYTES } from './files.ts';

interface Servers {
  readonly vassal: Program;
  readonly http: number;
  readonly uwsgi: number;
}

/** Files below `static/`, under their own names and below `/assets`. Whatever is not a file gets the app's 404. */
async function start(rig: Rig): Promise<Servers> {
  layOutFiles(rig);
  const [http, uwsgi] = [await rig.port(), await rig.port()];
  rig.write(
    'uwsgi.ini',
    `[uwsgi]
master = true
http-socket = 127.0.0.1:${http}
socket = 127.0.0.1:${uwsgi}
module = app
check-static = static
static-map = /assets=static
static-map2 = /dir=static
static-index = index.html
static-gzip-all = true
honour-range = true
route = ^/by-rule/(.*) static:${rig.directory}/static/$1
`,
  );
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);
  return { vassal, http, uwsgi };
}

const WAYS_UP = [
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/%252e%252e/secret.txt',
  '/%25%32%65%25%32%65%2fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/dir/../../secret.txt',
  '/dir/%2e%2e/%2e%2e/secret.txt',
  '/./.././secret.txt',
  '//../secret.txt',
  '/..;/secret.txt',
  '/.../secret.txt',
  '/..%00/secret.txt',
  '/ten.txt/../../secret.txt',
  '/../static-evil/secret.txt',
  '-evil/secret.txt',
  '../static-evil/secret.txt',
  '/link-out.txt',
  '/dir-out/secret.txt',
  '/dir-out%2fsecret.txt',
  '/link-out.txt%00.css',
];

test('no path leads out of a static directory, over HTTP', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { http } = await start(rig);
  for (const prefix of ['', '/assets', '/dir', '/by-rule']) {
    for (const way of WAYS_UP) {
      const uri = `${prefix}${way}`;
      const answer = (await exchangeBytes(http, request(`GET ${uri.startsWith('/') ? uri : `/${uri}`}`))).toString(
        'latin1',
      );
      assert.doesNotMatch(answer, /SECRET/, uri);
      assert.match(answer, /^HTTP\/1\.1 (?:400|403|404) /, uri);
    }
  }
});

test(
  'no path leads out of a static directory, over the uwsgi protocol, where it comes as it is',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { uwsgi } = await start(rig);
    for (const prefix of ['', '/assets', '/dir', '/by-rule']) {
      for (const way of [...WAYS_UP.map(decode), 'secret.txt', '../secret.txt', '/../../../../../../etc/passwd']) {
        const path = `${prefix}${way}`;
        const variables = ['REQUEST_METHOD', 'GET', 'PATH_INFO', path, 'REQUEST_URI', path, 'QUERY_STRING', ''];
        const answer = await exchangeBytes(
          uwsgi,
          encodeUwsgiPacket(0, 0, [...variables, 'SERVER_PROTOCOL', 'HTTP/1.1']),
        );
        assert.doesNotMatch(answer.toString('latin1'), /SECRET|root:/, path);
      }
    }
  },
);

function decode(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

test('a link that is swapped again and again never leads out', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { http } = await start(rig);
  rig.write(
    'swap.sh',
    `trap 'exit 0' TERM
cd ${rig.path('static')}
while :; do
  ln -s ten.txt next; mv -T next race.txt
  ln -s ../secret.txt next; mv -T next race.txt
done
`,
  );
  symlinkSync('ten.txt', rig.path('static/race.txt'));
  const swapper = await rig.start(['sh', 'swap.sh'], { stopSignal: 'SIGTERM' });
  const bodies = new Set<string>();
  await using client = await HttpClient.connect(http);
  for (let count = 0; count < 3000; count++) {
    client.send('GET /race.txt HTTP/1.1\r\nHost: a\r\n\r\n');
    bodies.add((await client.answer()).body.toString());
  }
  await swapper.stop();
  assert.deepEqual([...bodies].toSorted(), [TEN_BYTES, 'nothing']);
});

test('a FIFO and a device are no files, and hold nobody up', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { http } = await start(rig);
  execFileSync('mkfifo', [rig.path('static/pipe.txt')]);
  symlinkSync('/dev/zero', rig.path('static/zero'));
  for (const name of ['pipe.txt', 'zero']) assert.equal((await ask(http, `GET /${name}`)).status, 404, name);
});

const SIZE = 30_000_000;
const HEAD_END = '\r\n\r\n';

/** Begins to fetch a large file, and goes on when the file has been changed in the meantime. */
async function fetchWhile(http: number, change: () => void): Promise<{ length: number; cut: boolean; text: string }> {
  await using client = await HttpClient.connect(http);
  client.send(request('GET /moving.bin'));
  await client.received(1000);
  change();
  const rest = client.rest();
  const bytes = await rest.catch(() => undefined);
  if (bytes === undefined) return { length: 0, cut: true, text: '' };
  const text = bytes.toString('latin1');
  const length = text.length - text.indexOf(HEAD_END) - HEAD_END.length;
  return { length, cut: length < SIZE, text };
}

test('a file that shrinks while it is sent cuts the connection, and nothing is made up', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, http } = await start(rig);
  const file = rig.write('static/moving.bin', Buffer.alloc(SIZE, 'x'));
  const { cut, text } = await fetchWhile(http, () => {
    truncateSync(file, 100);
  });
  assert.equal(cut, true);
  assert.match(text.slice(text.indexOf(HEAD_END) + 4), /^x*$/);
  await vassal.waitForLog(/answer cut short: the file (?:is shorter than it was|has become shorter)/);
  assert.equal((await ask(http, 'GET /moving.bin')).body.length, 100);
});

test('a file that is replaced while it is sent is sent as it was', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { http } = await start(rig);
  const file = rig.write('static/moving.bin', Buffer.alloc(SIZE, 'x'));
  const { length, text } = await fetchWhile(http, () => {
    writeFileSync(`${file}.new`, 'new');
    renameSync(`${file}.new`, file);
  });
  assert.equal(length, SIZE);
  assert.match(text.slice(-1000), /^x*$/);
  assert.equal((await ask(http, 'GET /moving.bin')).body.toString(), 'new');
});
