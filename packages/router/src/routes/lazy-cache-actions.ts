import { createRequire } from 'node:module';

import type { Exchange } from '@emperor/http';

import type { ActionKind } from './action.ts';

const require = createRequire(import.meta.url);

type Loaded = typeof import('./cache-actions.ts');

/** Few configurations have caches: what their actions are made of is loaded when the first rule needs it. */
function load(): Loaded {
  return require('./cache-actions.js') as Loaded;
}

function lazily(name: string, phases: ActionKind['phases']): ActionKind {
  return {
    ...(phases === undefined ? {} : { phases }),
    compile: (source) => {
      const kind = load().CACHE_ACTIONS[name];
      if (kind === undefined) throw new Error(`no action ${name}`);
      return kind.compile(source);
    },
  };
}

const PAGE_ACTIONS = ['cache', 'cache-continue', 'cachestore', 'cache-store'] as const;
const VALUE_ACTIONS = ['cacheset', 'cachedel', 'cachevar', 'cacheinc', 'cachedec', 'cachemul', 'cachediv'] as const;

/** Actions after which an exchange matters to others who wait for the same page. */
export const STORING_ACTIONS: ReadonlySet<string> = new Set(['cachestore', 'cache-store']);

/** Actions on the caches of the instance. */
export const CACHE_ACTIONS: Readonly<Record<string, ActionKind>> = Object.fromEntries([
  ...PAGE_ACTIONS.map((name) => [name, lazily(name, ['request'])] as const),
  ...VALUE_ACTIONS.map((name) => [name, lazily(name, undefined)] as const),
]);

/** An exchange is over that a rule may have kept the answer of. */
export function cacheExchangeOver(exchange: Exchange): void {
  const { cacheExchangeOver: over } = require('./page-actions.js') as typeof import('./page-actions.ts');
  over(exchange);
}
