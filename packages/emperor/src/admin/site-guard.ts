import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';

import { EmperorError } from '../emperor-error.ts';

/** Of the cookie that a browser gets for the token. */
export const COOKIE = 'emperor_token';

/** Shorter ones can be guessed. */
const SHORTEST_TOKEN = 16;
const TOKEN_BYTES = 24;

/** Names under which a browser on this machine may reach the site. Others are pages that lie about who they are (DNS rebinding). */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Why a request is not let in: an HTTP status and a sentence. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly sentence: string;
}

/** Who may look at the admin address, and who may change something. */
export class SiteGuard {
  readonly #token: Buffer;
  readonly #allowsWrites: boolean;
  readonly #names: ReadonlySet<string>;

  /** @param address where the site is, beside the usual names of this machine */
  constructor(token: string, allowsWrites: boolean, address: string) {
    this.#token = Buffer.from(token);
    this.#names = new Set([...LOCAL_NAMES, address.includes(':') ? `[${address}]` : address]);
    this.#allowsWrites = allowsWrites;
  }

  get allowsWrites(): boolean {
    return this.#allowsWrites;
  }

  /** Whether a text is the token. Takes the same time for every wrong one of its length. */
  isToken(text: string | null | undefined): boolean {
    if (text === null || text === undefined) return false;
    const given = Buffer.from(text);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  /** Why a request is not let in; undefined when it is. */
  refuse(request: IncomingMessage): Refusal | undefined {
    const stranger = this.refuseStranger(request);
    if (stranger !== undefined) return stranger;
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!this.isToken(bearer) && !this.isToken(cookieOf(request))) {
      return { status: 401, sentence: 'the token of the emperor is needed' };
    }
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    if (!this.#allowsWrites) {
      return {
        status: 403,
        sentence: 'this address only shows; start the emperor with --admin-writes to command it here',
      };
    }
    return undefined;
  }

  /** Pages of other sites have no business here, with or without a cookie. */
  refuseStranger({ headers }: IncomingMessage): Refusal | undefined {
    const host = headers.host ?? '';
    if (!this.#names.has(host.replace(/:\d+$/, ''))) {
      return { status: 403, sentence: `this is not the site of "${host}"` };
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const isForeign =
      (origin !== undefined && origin !== `http://${host}`) ||
      (site !== undefined && site !== 'same-origin' && site !== 'none');
    return isForeign ? { status: 403, sentence: 'requests from other sites are refused' } : undefined;
  }
}

function cookieOf({ headers }: IncomingMessage): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/** The token in a file. @throws EmperorError when it cannot be read or is no token */
export function readToken(path: string): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new EmperorError(`could not read the token file "${path}": ${(error as Error).message}`, { cause: error });
  }
  if (token.length >= SHORTEST_TOKEN && /^[\w.~-]+$/.test(token)) return token;
  throw new EmperorError(
    `the token in "${path}" can be guessed: at least ${SHORTEST_TOKEN} letters, digits, "-", "_", "." or "~" on one line are needed`,
  );
}

/** Makes a token that only the owner of a new file can read. @throws EmperorError when it cannot be written */
export function makeToken(path: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
  } catch (error) {
    throw new EmperorError(`could not write the token file "${path}": ${(error as Error).message}`, { cause: error });
  }
  return token;
}
