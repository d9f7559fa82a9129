import { Buffer } from 'node:buffer';

import type { Cache, Keeping } from '@emperor/cache';
import { type BodyEncoder, type Exchange, findHeader, type ResponseFilter, type ResponseHead } from '@emperor/http';

import { lifeOf, type PageLife } from './page-life.ts';
import { PageRecorder } from './page-recorder.ts';
import { encodeHead, keptHeaders, type StoredHead, variantKey, variesOn } from './stored-head.ts';

/** No page is longer than that, whatever the cache would take. */
const LARGEST_PAGE_BYTES = 16 * 1024 * 1024;

/** What is to be kept of the answer to one request, and how. */
export interface KeepingRule {
  readonly cache: Cache;
  readonly key: string;
  /** Another key, for the same page compressed; empty: none. */
  readonly gzipKey: string;
  readonly life: PageLife;
  /** A status that is kept beside 200; undefined: none. */
  readonly status: number | undefined;
  /** A rule before this one has the answer compressed, so what is kept is compressed, too, whatever this client can read. */
  readonly isCompressed: boolean;
  /** The page is kept with its head, and by the rules of HTTP. */
  readonly keepsHead: boolean;
}

/** Keeps the answer to one request on its way out. */
export class PageKeeper implements ResponseFilter {
  readonly #rule: KeepingRule;
  readonly #kept: (exchange: Exchange) => void;

  /** @param kept told when the page is there for others */
  constructor(rule: KeepingRule, kept: (exchange: Exchange) => void) {
    this.#rule = rule;
    this.#kept = kept;
  }

  filterHead(exchange: Exchange, head: ResponseHead, completeBody: Uint8Array | undefined): BodyEncoder | undefined {
    const { status, keepsHead, isCompressed } = this.#rule;
    if (head.status !== 200 && head.status !== status) return undefined;
    const isEncoded = findHeader(head.headers, 'content-encoding') !== undefined;
    // Without its head nobody could tell that a body is compressed.
    if (isEncoded && !keepsHead && !isCompressed) return undefined;
    const keeping = keepsHead ? this.#byHeaders(exchange, head) : { life: this.#rule.life, head: undefined };
    if (keeping === undefined) return undefined;
    const compresses = isCompressed && !isEncoded && !keepsHead;
    const store = (body: Buffer): void => void this.#store(exchange, compresses ? gzip(body) : body, keeping);
    if (completeBody === undefined) return new PageRecorder(LARGEST_PAGE_BYTES, store);
    store(Buffer.from(completeBody));
    return undefined;
  }

  #byHeaders({ variables }: Exchange, { status, reason, headers }: ResponseHead): PageKeeping | undefined {
    const now = Math.floor(Date.now() / 1000);
    const life = lifeOf(headers, variables.get('HTTP_AUTHORIZATION') !== undefined, this.#rule.life, now);
    const varies = variesOn(headers, (name) => variables.get(name));
    if (life === undefined || varies === undefined) return undefined;
    return { life, head: { status, reason, headers: keptHeaders(headers), madeAt: now, varies } };
  }

  async #store(exchange: Exchange, body: Buffer, { life, head }: PageKeeping): Promise<void> {
    const { cache, key, gzipKey } = this.#rule;
    const keeping = keepingOf(life, head);
    if (head !== undefined && head.varies.length > 0) {
      const { variables } = exchange;
      await cache.set(
        variantKey(key, head, (name) => variables.get(name)),
        body,
        keeping,
      );
    }
    const stored = cache.set(key, body, keeping);
    // At once where that can be: who waits for the page must find it.
    if (stored instanceof Promise ? await stored : stored) this.#kept(exchange);
    if (gzipKey !== '') await cache.set(gzipKey, gzip(body), keepingOf(life));
  }
}

interface PageKeeping {
  readonly life: PageLife;
  readonly head: StoredHead | undefined;
}

/** Lazily: few pages have a compressed twin. */
function gzip(body: Buffer): Buffer {
  return process.getBuiltinModule('node:zlib').gzipSync(body);
}

function keepingOf({ freshSeconds, staleSeconds }: PageLife, head?: StoredHead): Keeping {
  const isStaleLater = freshSeconds > 0 && staleSeconds > 0;
  return {
    seconds: freshSeconds > 0 ? freshSeconds + staleSeconds : 0,
    ...(isStaleLater ? { freshSeconds } : {}),
    ...(head === undefined ? {} : { head: encodeHead(head) }),
  };
}
