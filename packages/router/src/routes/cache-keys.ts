import type { Cache, Eventually } from '@emperor/cache';

import type { RouteCaches } from '../cache/route-caches.ts';
import type { ActionSource, Outcome } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { readKeyValues } from './key-values.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';
import type { Template } from './template.ts';

/** A cache of an instance by its name, which may only be known with the request. */
export type FindCache = (context: RouteContext) => Cache | undefined;

/** Keys of an action that names a cache. */
export interface CacheKeys {
  readonly texts: ReadonlyMap<string, string>;
  readonly template: (name: string) => Template;
  readonly key: Template;
  readonly find: FindCache;
  readonly caches: RouteCaches;
}

/** Reads the keys; those that mean nothing are told, as uWSGI ignores them. @throws {RouteError} */
export function readCacheKeys(
  source: ActionSource,
  action: string,
  needed: string,
  known: readonly string[],
): CacheKeys {
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
export function goOnWith<T>(
  context: RouteContext,
  value: Eventually<T>,
  use: (value: T) => Outcome,
): Outcome | Promise<Outcome> {
  if (!(value instanceof Promise)) return use(value);
  return context.mayWait ? value.then(use) : 'next';
}

/** Leading digits count, other text is 0, as in uWSGI. */
export function numberOf(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isSafeInteger(number) ? number : 0;
}
