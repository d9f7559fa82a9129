import type { ActionKind } from './action.ts';
import { parseKeyValues } from './key-values.ts';
import { RouteError } from './route-error.ts';

/** Daniel J. Bernstein's hash with exclusive or, on bytes; 32 bits. */
function djb33x(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) >>> 0;
  return hash;
}

/** `hash:items=A;B;C,key=TEXT,var=NAME[,algo=djb33x]`: picks the item that belongs to a key, such as a backend to a session. */
const hash: ActionKind = {
  compile: ({ argument, template }) => {
    const keys = parseKeyValues(argument, ['items', 'key', 'var', 'algo']);
    const items = keys.get('items')?.split(';').filter(Boolean) ?? [];
    const key = keys.get('key');
    const variable = keys.get('var');
    if (items.length === 0 || key === undefined || variable === undefined) {
      throw new RouteError('invalid route syntax: you need to specify a hash key, a var and a set of items');
    }
    const algorithm = keys.get('algo') ?? 'djb33x';
    if (algorithm !== 'djb33x' && algorithm !== 'rand') {
      throw new RouteError(`unable to find hash algo "${algorithm}"`, 'known: djb33x, rand');
    }
    const text = template(key);
    return (context) => {
      const index =
        algorithm === 'rand' ? Math.floor(Math.random() * items.length) : djb33x(text.evaluate(context)) % items.length;
      context.exchange.variables.redefine(variable, items[index] ?? '');
      return 'next';
    };
  },
};

export const HASH_ACTIONS: Readonly<Record<string, ActionKind>> = { hash };
