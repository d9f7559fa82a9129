import type { ConditionCompiler } from './condition.ts';
import { fromByteText } from './byte-text.ts';
import { readKeyValues } from './key-values.ts';

/** `incache:key=K,name=N`. */
const incache: ConditionCompiler = ({ argument, template, caches, warn }) => {
  const keys = readKeyValues(argument, ['key', 'name'], (part) =>
    warn(`incache: "${part}" is not understood and has no effect`, 'such as: incache:key=${REQUEST_URI},name=pages'),
  );
  const [key, name] = [template(keys.get('key') ?? ''), template(keys.get('name') ?? '')];
  if (caches === undefined) warn('the condition never holds: there is no cache', 'add cache2 = name=pages,items=1000');
  return (context) => {
    const found = caches?.find(fromByteText(name.evaluate(context)))?.has(key.evaluate(context)) ?? false;
    // What comes later comes too late where nothing may wait.
    return typeof found === 'boolean' || context.mayWait ? found : false;
  };
};

/** Conditions over what is in a cache. */
export const CACHE_CONDITIONS: Readonly<Record<string, ConditionCompiler>> = { incache };
