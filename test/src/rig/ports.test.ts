import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { freePort } from './ports.ts';

test('freePort never hands out a port twice, in as many processes as ask', async () => {
  const program = `
    const { freePort } = await import(${JSON.stringify(import.meta.resolve('./ports.js'))});
    const ports = [];
    while (ports.length < 100) ports.push(await freePort());
    console.log(JSON.stringify(ports));
  `;
  const mine: number[] = [];
  while (mine.length < 100) mine.push(await freePort());
  const theirs = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }),
  ) as number[];
  assert.equal(new Set([...mine, ...theirs]).size, 200);
});

test('freePort passes over a port that somebody listens on', async () => {
  const next = (await freePort()) + 1;
  const holder = createServer().listen(next, '127.0.0.1');
  await once(holder, 'listening');
  assert.notEqual(await freePort(), next);
  holder.close();
});
