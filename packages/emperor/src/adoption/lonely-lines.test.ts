import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { LonelyLines } from './lonely-lines.ts';

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'emperor-lonely-'));
});

afterEach(() => rmSync(place, { recursive: true }));

test('LonelyLines takes what a vassal wrote, and what came since', () => {
  const log = join(place, 'lonely.log');
  writeFileSync(log, 'one\n');
  const lines = new LonelyLines(join(place, 'control'));
  assert.equal(lines.take().toString(), 'one\n');
  appendFileSync(log, 'two\n');
  assert.equal(lines.take().toString(), 'two\n');
  assert.equal(lines.take().length, 0);
});

test('LonelyLines follows no link that a vassal has put there', () => {
  symlinkSync('/etc/passwd', join(place, 'lonely.log'));
  assert.equal(new LonelyLines(join(place, 'control')).take().length, 0);
});
