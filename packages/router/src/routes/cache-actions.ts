import { Buffer } from 'node:buffer';

import type { Arithmetic } from '@emperor/cache';

import type { ActionKind, Outcome } from './action.ts';
import { goOnWith, numberOf, readCacheKeys } from './cache-keys.ts';
import { PAGE_ACTIONS } from './page-actions.ts';

/** `cacheset:key=K,value=V,name=N,expires=S`. */
const cacheset: ActionKind = {
  compile: (source) => {
    const { template, key, find } = readCacheKeys(source, 'cacheset', 'key value', ['value', 'expires']);
    const [value, expires] = [template('value'), template('expires')];
    return (context) => {
      const seconds = numberOf(expires.evaluate(context));
      const bytes = Buffer.from(value.evaluate(context), 'latin1');
      return goOnWith(context, find(context)?.set(key.evaluate(context), bytes, { seconds }), () => 'next');
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
      return goOnWith(context, cache?.delete(key.evaluate(context)), () => 'next');
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
        if (text !== undefined) context.exchange.variables.redefine(variable.evaluate(context), text);
        return 'next';
      };
      if (isNumber) return goOnWith(context, cache?.number(name), (number) => set(number?.toString()));
      return goOnWith(context, cache?.get(name), (item) => set(item?.value.toString('latin1')));
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
        return goOnWith(
          context,
          find(context)?.calculate(key.evaluate(context), operation, operand, seconds),
          () => 'next',
        );
      };
    },
  };
}

/** Actions on the caches of the instance. */
export const CACHE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  ...PAGE_ACTIONS,
  cacheset,
  cachedel,
  cachevar,
  cacheinc: calculating('cacheinc', 'inc', 1n),
  cachedec: calculating('cachedec', 'dec', 1n),
  cachemul: calculating('cachemul', 'mul', 2n),
  cachediv: calculating('cachediv', 'div', 2n),
};
