import { Buffer } from 'node:buffer';

import type { CachedItem } from '@emperor/cache';
import type { Exchange, ExchangeHandler } from '@emperor/http';

import { parseRawAnswer } from '../routes/raw-answer.ts';
import type { RouteCaches } from './route-caches.ts';

/**
 * `check-cache`: the path of a request is looked up in a cache that holds whole answers, which the app has put there with status line and
 * headers. What is no such answer is sent as a page. (uWSGI puts the bytes on the wire as they are.)
 */
export class CachedAnswers implements ExchangeHandler {
  readonly #caches: RouteCaches;
  readonly #name: string;

  /** @param name of the cache; empty: the default one */
  constructor(caches: RouteCaches, name: string) {
    this.#caches = caches;
    this.#name = name;
  }

  handle(exchange: Exchange, onward?: (exchange: Exchange) => void): boolean {
    const { variables } = exchange;
    const method = variables.get('REQUEST_METHOD');
    if (method !== 'GET' && method !== 'HEAD') return false;
    const found = this.#caches.find(this.#name)?.get(variables.get('PATH_INFO') ?? '');
    if (found instanceof Promise) {
      if (onward === undefined) return false;
      void found.then((item) => answer(exchange, item) || onward(exchange));
      return true;
    }
    return answer(exchange, found);
  }
}

function answer(exchange: Exchange, item: CachedItem | undefined): boolean {
  if (item === undefined) return false;
  const { head, body } = item.value.subarray(0, 5).equals(STATUS_LINE)
    ? parseRawAnswer(item.value.toString('latin1'))
    : { head: { status: 200, reason: 'OK', headers: ['Content-Type', 'text/html'] }, body: item.value };
  exchange.respond({ ...head, headers: withLength(head.headers, body.length) }, body);
  return true;
}

const STATUS_LINE = Buffer.from('HTTP/');

function withLength(headers: readonly string[], bytes: number): string[] {
  const kept = [...headers];
  if (!kept.some((part, index) => index % 2 === 0 && part.toLowerCase() === 'content-length'))
    kept.push('Content-Length', String(bytes));
  return kept;
}
