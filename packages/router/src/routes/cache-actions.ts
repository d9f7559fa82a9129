import type { Arithmetic, Cache, Eventually } from '@emperor/cache';
import type { Exchange } from '@emperor/http';

import { BackgroundExchange } from '../cache/background-exchange.ts';
import { answerOf, findPage, type PageForm } from '../cache/page-cache.ts';
import { PageFlights } from '../cache/page-flights.ts';
import { PageKeeper } from '../cache/page-keeper.ts';
import type { RouteCaches } from '../cache/route-caches.ts';
import type { Action, ActionKind, ActionSource, Outcome } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { readKeyValues } from './key-values.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';
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

/** A cache of an instance by its name, which may only be known with the request. */
type FindCache = (context: RouteContext) => Cache | undefined;

/** Keys of an action that names a cache. */
interface CacheKeys {
  readonly texts: ReadonlyMap<string, string>;
  readonly template: (name: string) => Template;
  readonly key: Template;
  readonly find: FindCache;
  readonly caches: RouteCaches;
}

/** Reads the keys; those that mean nothing are told, as uWSGI ignores them. @throws {RouteError} */
function readCacheKeys(source: ActionSource, action: string, needed: string, known: readonly string[]): CacheKeys {
  const texts = readKeyValues(source.argument, ['key', 'name', ...known], (part) =>
    source.warn(
      `${action}: "${part}" is not understood and has no effect`,
      `known keys: key, name, ${known.join(', ')}`,
    ),
  );
  const missing = needed.split(' ').find((name) => !texts.has(name));
  if (missing !== undefined) throw new RouteError(`invalid ${action} route syntax: you need to specify ${missing}=`);
  const { caches } = source.settings;
  if (caches === undefined)
    throw new RouteError(
      `${action}: there is no cache, the rule is left out`,
      'add cache2 = name=pages,items=1000',
      'warning',
    );
  const template = (name: string): Template => source.template(texts.get(name) ?? '');
  const name = template('name');
  const constant = name.constant === undefined ? undefined : fromByteText(name.constant);
  if (constant !== undefined && constant !== '' && !caches.names.includes(constant))
    source.warn(`${action}: there is no cache "${constant}"`, `there are: ${caches.names.join(', ')}`);
  const find: FindCache = (context) => caches.find(constant ?? fromByteText(name.evaluate(context)));
  return { texts, template, key: template('key'), find, caches };
}

/** Goes on with a value that may come later. Where nothing may wait, one that comes later is none. */
function then<T>(context: RouteContext, value: Eventually<T>, use: (value: T) => Outcome): Outcome | Promise<Outcome> {
  if (!(value instanceof Promise)) return use(value);
  return context.mayWait ? value.then(use) : 'next';
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
          then(later, findPage(cache, name, exchange), (page) => {
            if (page === undefined) return 'next';
            if (page.isStale) {
              if (refreshing.has(exchange)) return 'next';
              refresh(caches, exchange, pageName(cache, name));
            }
            const { head, body } = answerOf(page, formFor(later, name), exchange);
            later.answer(head, body);
            return 'answered';
          });
        return then(context, look(context), (outcome) => {
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
        const rule = { cache, key: name, gzipKey: gzip.evaluate(context), life, status, keepsHead };
        const begin = (): Outcome => {
          flights.begin(page, exchange);
          exchange.addFilter(new PageKeeper(rule, (kept) => flights.kept(kept)));
          return 'next';
        };
        const awaited = context.mayWait && lookups.has(exchange) ? flights.awaited(page) : undefined;
        if (awaited === undefined) return begin();
        return awaited.then(async () => ((await lookAgain(context)) === 'answered' ? 'answered' : begin()));
      };
    },
  };
}

/** Asks the `cache:` rules that the request has come by once more. */
async function lookAgain(context: RouteContext): Promise<Outcome> {
  for (const look of lookups.get(context.exchange) ?? []) if ((await look(context)) === 'answered') return 'answered';
  return 'next';
}

/** `cacheset:key=K,value=V,name=N,expires=S`. */
const cacheset: ActionKind = {
  compile: (source) => {
    const { template, key, find } = readCacheKeys(source, 'cacheset', 'key value', ['value', 'expires']);
    const [value, expires] = [template('value'), template('expires')];
    return (context) => {
      const seconds = numberOf(expires.evaluate(context));
      const bytes = Buffer.from(value.evaluate(context), 'latin1');
      return then(context, find(context)?.set(key.evaluate(context), bytes, { seconds }), () => 'next');
    };
  },
};

/** Ours: `cachedel:key=K,name=N,gzip=K` purges a page, and its compressed twin. */
const cachedel: ActionKind = {
  compile: (source) => {
    const { texts, template, key, find } = readCacheKeys(source, 'cachedel', 'key', ['gzip']);
    const gzip = template('gzip');
    return (context) => {
      const cache = find(context);
      // Nothing here fails, and the page is gone when its turn is over.
      if (texts.has('gzip')) void cache?.delete(gzip.evaluate(context));
      return then(context, cache?.delete(key.evaluate(context)), () => 'next');
    };
  },
};

/** `cachevar:key=K,var=V,name=N,as_num=1`: a variable of the request gets what is in the cache. */
const cachevar: ActionKind = {
  compile: (source) => {
    const { texts, template, key, find } = readCacheKeys(source, 'cachevar', 'key var', ['var', 'as_num']);
    const variable = template('var');
    const isNumber = texts.has('as_num');
    return (context) => {
      const cache = find(context);
      const name = key.evaluate(context);
      const set = (text: string | undefined): Outcome => {
        if (text !== undefined) context.exchange.variables.set(variable.evaluate(context), text);
        return 'next';
      };
      if (isNumber) return then(context, cache?.number(name), (number) => set(number?.toString()));
      return then(context, cache?.get(name), (item) => set(item?.value.toString('latin1')));
    };
  },
};

/** `cacheinc:key=K,value=V,name=N,expires=S` and its kin. */
function calculating(action: string, operation: Arithmetic, usual: bigint): ActionKind {
  return {
    compile: (source) => {
      const { texts, template, key, find } = readCacheKeys(source, action, 'key', ['value', 'expires']);
      const [value, expires] = [template('value'), template('expires')];
      return (context) => {
        const operand = texts.has('value') ? BigInt(numberOf(value.evaluate(context))) : usual;
        const seconds = numberOf(expires.evaluate(context));
        return then(
          context,
          find(context)?.calculate(key.evaluate(context), operation, operand, seconds),
          () => 'next',
        );
      };
    },
  };
}

/** Leading digits count, other text is 0, as in uWSGI. */
function numberOf(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isSafeInteger(number) ? number : 0;
}

/** Actions on the caches of the instance. */
export const CACHE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  cache: answering('cache'),
  'cache-continue': answering('cache-continue'),
  cachestore: storing('cachestore'),
  'cache-store': storing('cache-store'),
  cacheset,
  cachedel,
  cachevar,
  cacheinc: calculating('cacheinc', 'inc', 1n),
  cachedec: calculating('cachedec', 'dec', 1n),
  cachemul: calculating('cachemul', 'mul', 2n),
  cachediv: calculating('cachediv', 'div', 2n),
};
