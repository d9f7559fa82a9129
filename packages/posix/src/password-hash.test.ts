import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashPassword, hashPasswordSync } from './password-hash.ts';

// The password is "secret".
const HASHES = [
  'abNANd1rDfiNc',
  '$1$saltsalt$9xy1btjgzLYfb7hivXtC//',
  '$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA',
  '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1',
  '$2b$04$f5UlArRvPB1onFgvXKe9C.ig9P17xu.5QOH0U5PfxyJYt1zSCQ4ga',
];

test('hashPassword makes the hash a password was stored as', async () => {
  for (const hash of HASHES) {
    assert.equal(await hashPassword('secret', hash), hash);
    assert.equal(hashPasswordSync('secret', hash), hash);
    assert.notEqual(hashPasswordSync('other', hash), hash);
  }
});

test('hashPassword hashes bytes', () => {
  assert.notEqual(hashPasswordSync('\xe9', '$1$saltsalt$'), hashPasswordSync('\xc3\xa9', '$1$saltsalt$'));
});

test('hashPassword does not know what is no hash', async () => {
  assert.equal(await hashPassword('secret', '$nosuch$'), undefined);
  assert.equal(hashPasswordSync('secret', '*'), undefined);
  assert.equal(hashPasswordSync('sec\0ret', 'abNANd1rDfiNc'), undefined);
});
