import { Buffer } from 'node:buffer';

import { hashPassword, hashPasswordSync } from '@emperor/posix';

import { apr1 } from './apr1.ts';

/** Passwords that were found right are remembered, up to so many: each request of a session brings the same. */
const REMEMBERED = 1024;

let remembered: Set<string> | undefined;
let key: Uint8Array | undefined;

/**
 * Checks a password against a line of a htpasswd file: `{SHA}`, `$apr1$`, and what crypt(3) knows. (uWSGI knows `{SHA}` and the
 * thirteen letters of DES.) Texts are bytes, one character each.
 * @param mayWait the answer may come later; else a slow hash is computed on the spot
 */
export function checkPassword(password: string, hash: string, mayWait: boolean): boolean | Promise<boolean> {
  if (hash.startsWith('{SHA}')) return areEqual(`{SHA}${sha1(password)}`, hash);
  const token = tokenOf(password, hash);
  if (remembered?.has(token) === true) return true;
  if (hash.startsWith('$apr1$')) return remember(token, areEqual(apr1(password, hash.split('$')[2] ?? ''), hash));
  if (!mayWait) return remember(token, areEqual(hashPasswordSync(password, hash) ?? '', hash));
  return hashPassword(password, hash).then((computed) => remember(token, areEqual(computed ?? '', hash)));
}

/** Compares two texts in a time that does not tell where they differ. */
export function areEqual(given: string, wanted: string): boolean {
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const left = digest(given);
  const right = digest(wanted);
  return timingSafeEqual(left, right);
}

function digest(text: string): Uint8Array {
  const { createHmac, randomBytes } = process.getBuiltinModule('node:crypto');
  key ??= randomBytes(32);
  return createHmac('sha256', key).update(Buffer.from(text, 'latin1')).digest();
}

function tokenOf(password: string, hash: string): string {
  return Buffer.from(digest(`${hash}\0${password}`)).toString('base64');
}

function remember(token: string, isRight: boolean): boolean {
  if (!isRight) return false;
  remembered ??= new Set();
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.add(token);
  return true;
}

function sha1(password: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha1').update(Buffer.from(password, 'latin1')).digest('base64');
}
