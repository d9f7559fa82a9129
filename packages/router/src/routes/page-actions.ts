import type { Cache, Eventually } from '@emperor/cache';
import type { Exchange } from '@emperor/http';

import { BackgroundExchange } from '../cache/background-exchange.ts';
import { answerOf, findPage, type PageForm } from '../cache/page-cache.ts';
import { PageFlights } from '../cache/page-flights.ts';
import { PageKeeper } from '../cache/page-keeper.ts';
import type { RouteCaches } from '../cache/route-caches.ts';
import type { Action, ActionKind, ActionSource, Outcome } from './action.ts';
import { editsOf } from './answer-edits.ts';
import { fromByteText } from './byte-text.ts';
import { type CacheKeys, goOnWith, numberOf, readCacheKeys } from './cache-keys.ts';
import type { RouteContext } from './route-context.ts';
import type { Template } from './template.ts';

/** Requests of all instances of this process that make a page at the moment. */
const flights = new PageFlights();
/** Pages that are made anew in the background. */
const refreshed = new Set<string>();
/** What such requests are: a page that may be stale is none for them. */
const refreshing = new WeakSet<Exchange>();
/** How to look again for the page of a request that was not there when it came by. */
const lookups = new WeakMap<Exchange, ((context: RouteContext) => Eventually<Outcome>)[]>();

/** An exchange is over, however it came about. */
export function cacheExchangeOver(exchange: Exchange): void {
  flights.over(exchange);
}

/** Only what changes nothing on the server is answered from a cache (uWSGI answers a POST too, and the app never sees it). */
function isReading({ variables }: Exchange): boolean {
  const method = variables.get('REQUEST_METHOD');
  return method === 'GET' || method === 'HEAD';
}

const PAGE_KEYS = [
  'content_type',
  'type',
  'content_encoding',
  'mime',
  'nocl',
  'no_cl',
  'no_content_length',
  'no_offload',
];

/** `cache:key=K,name=N,…`: a hit is the answer, and the app is not asked. */
function answering(action: string): ActionKind {
  return {
    phases: ['request'],
    compile: (source) => {
      const keys = readCacheKeys(source, action, 'key', PAGE_KEYS);
      const formFor = compileForm(keys, source);
      const { caches, find, key } = keys;
      return (context) => {
        const { exchange } = context;
        const cache = find(context);
        if (cache === undefined || !isReading(exchange)) return 'next';
        const name = key.evaluate(context);
        const look = (later: RouteContext): Eventually<Outcome> =>
          goOnWith(later, findPage(cache, name, exchange), (page) => {
            if (page === undefined) return 'next';
            if (page.isStale) {
              if (refreshing.has(exchange)) return 'next';
              refresh(caches, exchange, pageName(cache, name));
            }
            const { head, body } = answerOf(page, formFor(later, name), exchange);
            later.answer(head, body);
            return 'answered';
          });
        return goOnWith(context, look(context), (outcome) => {
          if (outcome === 'next') remember(exchange, look);
          return outcome;
        });
      };
    },
  };
}

function compileForm(keys: CacheKeys, source: ActionSource): (context: RouteContext, key: string) => PageForm {
  const { texts, template } = keys;
  const type = template(texts.has('content_type') ? 'content_type' : 'type');
  const encoding = template('content_encoding');
  const declaresLength = !['nocl', 'no_cl', 'no_content_length'].some((name) => texts.has(name));
  const byName = texts.has('mime') ? source.mimeTypes : undefined;
  return (context, key) => ({
    contentType: byName?.().of(fromByteText(key)) ?? (type.evaluate(context) || 'text/html'),
    contentEncoding: encoding.evaluate(context),
    declaresLength,
  });
}

function remember(exchange: Exchange, look: (context: RouteContext) => Eventually<Outcome>): void {
  const known = lookups.get(exchange);
  if (known === undefined) lookups.set(exchange, [look]);
  else known.push(look);
}

function pageName(cache: Cache, key: string): string {
  return `${cache.name}\0${key}`;
}

/** Has the app make a page that is being served though it is stale; one request at a time. */
function refresh(caches: RouteCaches, exchange: Exchange, page: string): void {
  if (refreshed.has(page)) return;
  refreshed.add(page);
  const own = new BackgroundExchange(exchange);
  own.onOver = () => {
    refreshed.delete(page);
    flights.over(own);
    caches.refreshed();
  };
  refreshing.add(own);
  // Behind the answer of the one that found it.
  setImmediate(() => caches.refresh(own));
}

const STORE_KEYS = ['expires', 'gzip', 'type', 'content_type', 'code', 'status', 'stale', 'http'];

/** `cachestore:key=K,name=N,expires=S,…`: keeps the answer, and lets others who ask for it meanwhile wait for it. */
function storing(action: string): ActionKind {
  return {
    phases: ['request'],
    compile: (source): Action => {
      const { texts, template, key, find } = readCacheKeys(source, action, 'key', STORE_KEYS);
      const [expires, stale, gzip] = ['expires', 'stale', 'gzip'].map(template) as [Template, Template, Template];
      const status = Number.parseInt(texts.get('code') ?? texts.get('status') ?? '', 10) || undefined;
      const keepsHead = Number.parseInt(texts.get('http') ?? '0', 10) > 0;
      return (context) => {
        const { exchange } = context;
        const cache = find(context);
        if (cache === undefined || exchange.variables.get('REQUEST_METHOD') !== 'GET') return 'next';
        const name = key.evaluate(context);
        const page = pageName(cache, name);
        const life = {
          freshSeconds: numberOf(expires.evaluate(context)),
          staleSeconds: numberOf(stale.evaluate(context)),
        };
        const isCompressed = editsOf(exchange)?.compresses === true;
        const rule = { cache, key: name, gzipKey: gzip.evaluate(context), life, status, keepsHead, isCompressed };
        const begin = (): Outcome => {
          flights.begin(page, exchange);
          exchange.addFilter(new PageKeeper(rule, (kept) => flights.kept(kept)));
          return 'next';
        };
        const mayWait = context.mayWait && lookups.has(exchange) && flights.awaited(page) !== undefined;
        return mayWait ? waitFor(page, context, begin) : begin();
      };
    },
  };
}

/** Waits until somebody has made the page. Where nobody has, one of those who wait begins, and the others wait for that one. */
async function waitFor(page: string, context: RouteContext, begin: () => Outcome): Promise<Outcome> {
  for (let made = flights.awaited(page); made !== undefined; made = flights.awaited(page)) {
    await made;
    if ((await lookAgain(context)) === 'answered') return 'answered';
  }
  return begin();
}

/** Asks the `cache:` rules that the request has come by once more. */
async function lookAgain(context: RouteContext): Promise<Outcome> {
  for (const look of lookups.get(context.exchange) ?? []) if ((await look(context)) === 'answered') return 'answered';
  return 'next';
}

/** Actions that answer with pages from a cache, and put them there. */
export const PAGE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  cache: answering('cache'),
  'cache-continue': answering('cache-continue'),
  cachestore: storing('cachestore'),
  'cache-store': storing('cache-store'),
};
