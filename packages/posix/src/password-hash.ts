import { Buffer } from 'node:buffer';

import { koffi } from './koffi.ts';

type CFunction = ReturnType<ReturnType<typeof koffi.load>['func']>;

/** Where crypt_r is: libxcrypt, the old glibc, and the C library itself (musl). */
const LIBRARIES = ['libcrypt.so.1', 'libcrypt.so.2', null];
/** The largest `struct crypt_data` there has been (glibc). */
const CRYPT_DATA_BYTES = 131_232;

let cryptR: CFunction | undefined | 'missing';

function load(): CFunction | undefined {
  if (cryptR === undefined) cryptR = find() ?? 'missing';
  return cryptR === 'missing' ? undefined : cryptR;
}

function find(): CFunction | undefined {
  for (const name of LIBRARIES) {
    try {
      return koffi.load(name).func('char *crypt_r(void *key, const char *setting, void *data)');
    } catch {
      // not here
    }
  }
  return undefined;
}

/**
 * Hashes a password as crypt(3) does, on a thread of the pool: the better hashes take some hundred milliseconds.
 * @param password bytes, one character each
 * @param setting a hash made before, which names the method and the salt: DES, `$1$`, `$5$`, `$6$`, `$2y$`, `$y$`
 * @returns undefined where the system does not know the method
 */
export function hashPassword(password: string, setting: string): Promise<string | undefined> {
  const crypt = load();
  if (crypt === undefined || password.includes('\0')) return Promise.resolve(undefined);
  const key = Buffer.from(`${password}\0`, 'latin1');
  const data = Buffer.alloc(CRYPT_DATA_BYTES);
  return new Promise((resolve) => {
    crypt.async(key, setting, data, (error: Error | null, hash: string | null) => {
      key.fill(0);
      data.fill(0);
      // A method that is not known gives null, or a text that is no hash of any.
      resolve(error !== null || hash === null || hash.startsWith('*') ? undefined : hash);
    });
  });
}

/** The same on the spot. */
export function hashPasswordSync(password: string, setting: string): string | undefined {
  const crypt = load();
  if (crypt === undefined || password.includes('\0')) return undefined;
  const key = Buffer.from(`${password}\0`, 'latin1');
  const data = Buffer.alloc(CRYPT_DATA_BYTES);
  const hash = crypt(key, setting, data) as string | null;
  key.fill(0);
  data.fill(0);
  return hash === null || hash.startsWith('*') ? undefined : hash;
}
