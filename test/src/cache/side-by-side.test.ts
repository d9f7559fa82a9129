import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { needs } from '../run/parts.ts';
import { page, startCaching } from './instances.ts';

const lines = [
  // Or uWSGI knows no types.
  'check-static = nowhere',
  'cache2 = name=pages,items=100',
  'cache2 = name=counts,items=100',
  'add-cache-item = pages /item.css=body {}',
  'add-cache-item = word=hello',
  'load-file-in-cache = app.py',
  'load-file-in-cache-gzip = pages uwsgi.ini',
  'route = ^/page cache:key=${REQUEST_URI},name=pages',
  'route = ^/page cachestore:key=${REQUEST_URI},name=pages,expires=100',
  'route = ^/typed cache:key=/page,name=pages,content_type=text/css,content_encoding=x',
  'route = ^/bare cache:key=/page,name=pages,no_cl=1',
  'route = ^/nocl cache:key=/page,name=pages,nocl=1',
  'route = ^/go-on cache-continue:key=/page,name=pages',
  'route = ^/item cache:key=/item.css,name=pages,mime=1',
  'route = ^/mime cache:key=/page,name=pages,mime=1',
  'route = ^/word cache:key=word',
  'route = ^/file cache:key=app.py,name=pages',
  'route-if = incache:key=${PATH_INFO}.css,name=pages addheader:X-In: yes',
  'route-if-not = incache:key=${PATH_INFO}.css,name=pages addheader:X-In: no',
  'route = ^/inc cacheinc:key=visits,name=pages,value=5',
  'route = ^/mul cachemul:key=visits,name=pages,value=3',
  'route = ^/div cachediv:key=visits,name=pages',
  'route = ^/dec cachedec:key=visits,name=pages',
  'route = ^/set cacheset:key=set,name=pages,value=${QUERY_STRING}',
  'route = ^/is-set cache:key=set,name=pages',
  'route = ^/variable cachevar:key=set,name=pages,var=HTTP_ACCEPT_LANGUAGE',
  'route = ^/code cachestore:key=coded,name=pages,code=404',
  'route = ^/coded cache:key=coded,name=pages',
  'route = ^/else cache:key=x,name=elsewhere',
];

/** In this order; all but the first of a page come from the cache. */
const paths = `
  /page /typed /bare /nocl /go-on /mime /item /word /file /inc /inc /mul /div /dec /set?one /is-set /variable
  /code?status=404+Gone /coded /else /item /page?x=1
`
  .trim()
  .split(/\s+/);

/** What can be compared of an answer: ours always says how long it is, and dates differ by a second. */
async function shown(port: number, path: string): Promise<string> {
  const { statusLine, headers, body } = await ask(port, `GET ${path}`);
  const kept = headers
    .filter(([name]) => name !== 'Connection' && name !== 'Content-Length')
    .map(([name, value]) => `${name}: ${name === 'Expires' ? 'some time' : value}`);
  return [path, statusLine, ...kept, body.toString()].join('\n');
}

test('the rules of the page cache do what those of the real uWSGI do', needs('uwsgi'), async (t) => {
  await using rig = Rig.open(t);
  const ours = await startCaching(rig, lines, { name: 'ours', app: 'counting_pages' });
  const theirs = await startCaching(rig, lines, { name: 'theirs', app: 'counting_pages', isUwsgi: true });
  for (const { port } of [ours, theirs]) await page(port, '/page');
  for (const path of paths) {
    const [mine, wanted] = await Promise.all([shown(ours.port, path), shown(theirs.port, path)]);
    assert.equal(mine, wanted);
  }
  for (const line of [
    '[cache] stored "app.py" in "pages"',
    '[cache-gzip] stored "uwsgi.ini" in "pages"',
    '[cache] stored "/item.css" in "pages"',
    '[cache] stored "word" in "pages"',
    '[cache] stored "word" in "counts"',
    'cache sweeper thread enabled',
  ])
    for (const { program } of [ours, theirs])
      assert.ok(program.log.tail(200).includes(line), `${program.title} says ${line}`);
});
