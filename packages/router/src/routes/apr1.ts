import { Buffer } from 'node:buffer';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ROUNDS = 1000;
/** Bytes of the digest as they are packed, three to four letters. */
const PACKED = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

/**
 * Apache's variant of the MD5 password hash, `$apr1$SALT$HASH`, which crypt(3) does not know. It is what `htpasswd` made by default
 * for twenty years.
 * @param password bytes, one character each
 */
export function apr1(password: string, salt: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const md5 = (...parts: readonly Uint8Array[]): Buffer => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const key = Buffer.from(password, 'latin1');
  const salted = Buffer.from(salt, 'latin1');
  const inner = md5(key, salted, key);
  const parts: Uint8Array[] = [key, Buffer.from('$apr1$'), salted];
  for (let left = key.length; left > 0; left -= 16) parts.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  let digest = md5(...parts);
  for (let round = 0; round < ROUNDS; round += 1) {
    const odd = round % 2 === 1;
    digest = md5(
      odd ? key : digest,
      round % 3 === 0 ? Buffer.alloc(0) : salted,
      round % 7 === 0 ? Buffer.alloc(0) : key,
      odd ? digest : key,
    );
  }
  return `$apr1$${salt}$${pack(digest)}`;
}

function pack(digest: Buffer): string {
  let text = '';
  const byte = (index: number): number => digest[index] ?? 0;
  for (const [high, middle, low] of PACKED) text += letters((byte(high) << 16) | (byte(middle) << 8) | byte(low), 4);
  return text + letters(byte(11), 2);
}

function letters(value: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i += 1) text += ALPHABET[(value >> (6 * i)) & 63];
  return text;
}
