import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { decodeRecord, encodeRecord, type VassalRecord } from './vassal-record.ts';

const RECORD: VassalRecord = {
  id: '0123456789ab-0123',
  pid: 7,
  startTime: '123456',
  outlives: true,
  launchedAt: 1_795_372_125_000,
  launches: 3,
  arguments: ['--ini', 'a.ini'],
  file: {
    name: 'a.ini',
    argument: 'a.ini',
    path: '/srv/a.ini',
    workingDirectory: '/srv',
    monitor: '/srv',
    owner: { uid: 33, gid: 33 },
    fingerprint: { mtimeMs: 1_795_372_125_123.4568, inode: 5, size: 8 },
  },
};

test('a record is read as it was written', () => {
  assert.deepEqual(decodeRecord(encodeRecord(RECORD)), RECORD);
});

test('a record of another version, or half of one, is none', () => {
  const text = encodeRecord(RECORD);
  assert.equal(decodeRecord(text.replace('"version":1', '"version":2')), undefined);
  assert.equal(decodeRecord(text.replace('"pid":7', '"pid":"7"')), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 3 }), (end) => decodeRecord(text.slice(0, end)) === undefined),
  );
});

test('decodeRecord makes nothing of any other text', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => decodeRecord(text) === undefined));
});
