import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { page, startCaching } from './instances.ts';

const caches = ['cache2 = name=pages,items=100', 'cache2 = name=counts,items=1000'];
const app = { app: 'counting_pages' };

test('a page that was stored is the answer, and the app is not asked', async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await startCaching(
    rig,
    [
      ...caches,
      'route = ^/page cache:key=${REQUEST_URI},name=pages',
      'route = ^/page cachestore:key=${REQUEST_URI},name=pages,expires=60',
      'route = ^/css cache:key=/page,name=pages,content_type=text/css,no_cl=1',
    ],
    app,
  );
  const first = await ask(port, 'GET /page');
  assert.equal(header(first, 'X-App'), 'yes');
  const second = await ask(port, 'GET /page');
  assert.equal(second.body.toString(), '/page 1');
  assert.deepEqual(
    second.headers.map(([name]) => name).filter((name) => name !== 'Connection'),
    ['Content-Type', 'Expires', 'Content-Length'],
  );
  assert.equal(header(second, 'Content-Type'), 'text/html');
  assert.equal(header(await ask(port, 'GET /css'), 'Content-Type'), 'text/css');
  assert.equal((await ask(port, 'HEAD /page')).body.length, 0);
  await program.waitForLog(
    /\|app: -1\|req: -1\/\d+\] .* GET \/page => generated 7 bytes in \d+ msecs \(HTTP\/1\.1 200\)/,
  );
  assert.equal(await page(port, '/page?status=404+Gone'), '/page 2');
  assert.equal(await page(port, '/page?status=404+Gone'), '/page 3');
});

test('a status beside 200 is stored where the rule names it, and a body in pieces is stored whole', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route = ^/page cache:key=${REQUEST_URI},name=pages',
      'route = ^/page cachestore:key=${REQUEST_URI},name=pages,code=404',
    ],
    app,
  );
  for (const path of ['/page?status=404+Gone', '/page2?pieces=1']) await page(port, path);
  assert.equal(await page(port, '/page?status=404+Gone'), '/page 1');
  assert.equal(await page(port, '/page2?pieces=1'), '/page2\n1\n');
});

test('a compressed twin is for those who can read it', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route-if = contains:${HTTP_ACCEPT_ENCODING};gzip cache:key=gz${REQUEST_URI},name=pages,content_encoding=gzip',
      'route = ^/page cache:key=${REQUEST_URI},name=pages',
      'route = ^/page cachestore:key=${REQUEST_URI},name=pages,gzip=gz${REQUEST_URI}',
    ],
    app,
  );
  await page(port, '/page');
  const answer = await ask(port, 'GET /page', { 'Accept-Encoding': 'gzip' });
  assert.equal(header(answer, 'Content-Encoding'), 'gzip');
  assert.equal(gunzipSync(answer.body).toString(), '/page 1');
  assert.equal(await page(port, '/page'), '/page 1');
});

test('a page is kept as it was before gzip: and as it is behind it', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      'cache = 100',
      'cache2 = name=counts,items=10',
      'route-if = contains:${HTTP_ACCEPT_ENCODING};gzip goto:mygzipper',
      'route = ^/ cache:key=home',
      'route = ^/ cachestore:key=home',
      'route-run = last:',
      'route-label = mygzipper',
      'route = ^/ cache:key=home.gz,content_encoding=gzip',
      'route = ^/ cachestore:key=home',
      'route = ^/ gzip:',
      'route = ^/ cachestore:key=home.gz',
    ],
    app,
  );
  const gzip = { 'Accept-Encoding': 'gzip' };
  const first = await ask(port, 'GET /', gzip);
  assert.equal(gunzipSync(first.body).toString(), '/ 1');
  assert.equal(await page(port, '/'), '/ 1');
  const again = await ask(port, 'GET /', gzip);
  assert.equal(gunzipSync(again.body).toString(), '/ 1');
  assert.equal(header(again, 'Content-Encoding'), 'gzip');
});

test('what another server has answered is kept, too', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const behind = await startCaching(rig, ['cache2 = name=counts,items=10'], { ...app, name: 'behind' });
  const { port } = await startCaching(rig, [
    'cache2 = name=pages,items=100',
    'route-run = cache:key=${REQUEST_URI}',
    'route-run = cachestore:key=${REQUEST_URI},expires=300',
    `route-run = http:127.0.0.1:${behind.port}`,
  ]);
  for (const path of ['/page', '/page', '/long?pieces=1', '/long?pieces=1'])
    assert.match(await page(port, path), /^\/\w+[ \n]1\n?$/);
});

test('rules set, count, look at and purge what is in a cache', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route = ^/set cacheset:key=word,value=${QUERY_STRING},name=pages',
      'route = ^/(set|count) cacheinc:key=visits,name=pages,value=2',
      'route = ^/count cachevar:key=visits,name=pages,var=HTTP_ACCEPT_LANGUAGE,as_num=1',
      'route = ^/word cachevar:key=word,name=pages,var=HTTP_ACCEPT_LANGUAGE',
      'route-if = incache:key=word,name=pages addheader:X-Word: there',
      'route-if = equal:${REQUEST_METHOD};PURGE cachedel:key=word,name=pages',
    ],
    app,
  );
  assert.equal(header(await ask(port, 'GET /'), 'X-Word'), undefined);
  assert.equal(header(await ask(port, 'GET /set?hello'), 'X-Word'), 'there');
  assert.equal(await page(port, '/word'), '/word 1 hello');
  assert.equal(await page(port, '/count'), '/count 1 4');
  await ask(port, 'PURGE /');
  assert.equal(header(await ask(port, 'GET /'), 'X-Word'), undefined);
});

test('with http=1 a page is kept with its head, and by the rules of HTTP', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route-run = cache:key=${REQUEST_URI},name=pages',
      'route-run = cachestore:key=${REQUEST_URI},name=pages,expires=60,http=1',
    ],
    app,
  );
  const tagged = '/tagged?ETag=%22one%22&Cache-Control=max-age%3D30';
  await page(port, tagged);
  const again = await ask(port, `GET ${tagged}`);
  assert.equal(again.body.toString(), '/tagged 1');
  assert.equal(header(again, 'X-App'), 'yes');
  assert.equal(header(again, 'Content-Type'), 'text/x-app');
  assert.match(header(again, 'Age') ?? '', /^[01]$/);
  assert.equal((await ask(port, `GET ${tagged}`, { 'If-None-Match': 'W/"one"' })).status, 304);

  const varying = '/varying?Vary=Accept-Language';
  const german = { 'Accept-Language': 'de' };
  assert.equal(await page(port, varying), '/varying 1');
  assert.equal(await page(port, varying, german), '/varying 2 de');
  assert.equal(await page(port, varying, german), '/varying 2 de');
  assert.equal(await page(port, varying), '/varying 1');

  for (const path of ['/private?Cache-Control=private', '/cookie?Set-Cookie=a%3Db', '/any?Vary=*']) {
    await page(port, path);
    assert.match(await page(port, path), / 2$/, path);
  }
  await page(port, '/secret', { Authorization: 'Basic x' });
  assert.equal(await page(port, '/secret'), '/secret 2');
});

test('a POST always reaches the app, and its answer is not stored', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route-run = cache:key=${REQUEST_URI},name=pages',
      'route-run = cachestore:key=${REQUEST_URI},name=pages',
    ],
    app,
  );
  await page(port, '/form');
  assert.equal((await ask(port, 'POST /form', {}, 'a=b')).body.toString(), '/form posted 1');
  assert.equal((await ask(port, 'POST /form', {}, 'a=b')).body.toString(), '/form posted 2');
  assert.equal(await page(port, '/form'), '/form 1');
});

test('check-cache sends whole answers that lie under the path of a request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('site/raw', 'HTTP/1.1 203 Fine\r\nContent-Type: text/plain\r\nX-From: cache\r\n\r\nraw');
  const { port } = await startCaching(
    rig,
    [...caches, 'check-cache = pages', 'add-cache-item = pages /plain=just text', 'load-file-in-cache = pages raw'],
    app,
  );
  const plain = await ask(port, 'GET /plain');
  assert.equal(plain.body.toString(), 'just text');
  assert.equal(plain.status, 200);
  assert.equal(await page(port, '/absent'), '/absent 1');
});

test('a rule whose cache does not exist is told, and lets the request through', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await startCaching(
    rig,
    [...caches, 'route = ^/ cache:key=${REQUEST_URI},name=page', 'route = ^/ cache:key=k,nonsense=1'],
    app,
  );
  await program.waitForLog(/cache: there is no cache "page"/);
  await program.waitForLog(/cache: "nonsense=1" is not understood and has no effect/);
  assert.equal(await page(port, '/x'), '/x 1');
});
