import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { page } from './instances.ts';

/** The listings of the README's chapter on caching, in order. */
const [inApp = '', shop = '', django = '', inFront = '', byHttp = '', purge = '', compressed = ''] = chapterListings();

function chapterListings(): string[] {
  const [, chapter = ''] = readFileSync(`${repository}README.md`, 'utf8').split('\n## Caching\n');
  const [text = ''] = chapter.split('\n## ');
  return Array.from(text.matchAll(/^```(?:ini|python)\n(.*?)^```$/gms), ([, listing = '']) => listing);
}

/** The rules of the second listing are replaced by others. */
function withRules(rules: string): string {
  return inFront.replace(/^route = [^]*$/m, rules);
}

async function start(rig: Rig, ini: string): Promise<{ program: Program; port: number }> {
  rig.write('code/app.py', shop);
  const port = await rig.port();
  rig.write('uwsgi.ini', ini.replace(' :8000', ` 127.0.0.1:${port}`));
  const program = await rig.vassal(['--ini', 'uwsgi.ini']);
  await program.waitForLog(/^spawned uWSGI worker 2 /);
  return { program, port };
}

async function secondsFor(action: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action;
  return (performance.now() - began) / 1000;
}

test('the chapter has the listings that are tried here', () => {
  assert.match(inApp, /^cache2 = name=prices,items=1000$/m);
  assert.match(django, /uwsgicache\.UWSGICache/);
  assert.match(inFront, /stale=600$/m);
});

test('in the app: the first visitor waits, the others do not', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await start(rig, inApp);
  assert.ok((await secondsFor(page(port, '/'))) >= 0.5);
  for (let visit = 0; visit < 6; visit++) assert.ok((await secondsFor(page(port, '/'))) < 0.5);
  assert.equal(await page(port, '/'), '<p>Oolong is 6 a cup.</p>');
});

test('in front of the app: the second visit has app: -1', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await start(rig, inFront);
  await page(port, '/tea');
  assert.equal(await page(port, '/tea'), '<p>Oolong is 6 a cup.</p>');
  await program.waitForLog(/\|app: 0\|.* GET \/tea /);
  await program.waitForLog(/\|app: -1\|.* GET \/tea /);
});

test('in front of the app: http=1, purging and compressed twins', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await start(rig, withRules(purge + compressed));
  await page(port, '/tea');
  const answer = await ask(port, 'GET /tea', { 'Accept-Encoding': 'gzip' });
  assert.equal(gunzipSync(answer.body).toString(), '<p>Oolong is 6 a cup.</p>');
  assert.equal((await ask(port, 'PURGE /tea')).status, 200);
  const mark = program.log.mark();
  await ask(port, 'GET /tea', { 'Accept-Encoding': 'gzip' });
  await program.waitForLog(/\|app: 0\|.* GET \/tea /, mark);
  await program.stop();

  const polite = await start(rig, withRules(byHttp));
  await page(polite.port, '/tea');
  assert.match((await ask(polite.port, 'GET /tea')).head, /\r\nAge: \d+\r\n/);
});
