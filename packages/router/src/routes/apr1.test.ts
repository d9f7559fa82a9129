import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apr1 } from './apr1.ts';

// Made with `openssl passwd -apr1 -salt SALT PASSWORD`.
const KNOWN = [
  ['myPassword', 'r31.....', '$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/'],
  ['secret', 'saltsalt', '$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0'],
  ['', 'x', '$apr1$x$tMwYqBfQwi3FYAr0aJc8M/'],
  ['a much longer password than sixteen bytes', 'abcdefgh', '$apr1$abcdefgh$Eqv4oIyMsS.tjfvQCJYY1/'],
] as const;

test('apr1 makes the hashes of htpasswd', () => {
  for (const [password, salt, hash] of KNOWN) assert.equal(apr1(password, salt), hash);
});
