import type { RouteContext } from './route-context.ts';
import { variableFunction } from './variable-functions.ts';

/** Text of a rule with `${VARIABLE}`, `${function[key]}` and `$1` in it, compiled. */
export interface Template {
  /** The text, where it depends on nothing. */
  readonly constant: string | undefined;
  evaluate(context: RouteContext): string;
}

type Part = (context: RouteContext) => string;

const FUNCTION = /^([^[\]]+)\[(.*)\]$/s;

/**
 * Compiles the text of a rule. As in uWSGI an unclosed `${`, a `$` before anything else and, without groups, `$1` stay as written.
 * A group may stand inside braces: `${qs[$1]}`.
 * @param hasGroups the rule matches by a pattern, so `$0` to `$9` are what it matched
 */
export function compileTemplate(text: string, hasGroups: boolean): Template {
  const parts: (string | Part)[] = [];
  let literal = '';
  const add = (part: Part): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
  };
  let i = 0;
  while (i < text.length) {
    const next = text[i + 1];
    const close = text[i] === '$' && next === '{' ? text.indexOf('}', i) : -1;
    if (close !== -1) {
      add(compileReference(text.slice(i + 2, close), hasGroups));
      i = close + 1;
    } else if (text[i] === '$' && hasGroups && next !== undefined && next >= '0' && next <= '9') {
      const group = Number(next);
      add((context) => context.match?.[group] ?? '');
      i += 2;
    } else {
      literal += text[i];
      i += 1;
    }
  }
  if (literal !== '') parts.push(literal);
  return assemble(parts);
}

function assemble(parts: readonly (string | Part)[]): Template {
  const [first = ''] = parts;
  if (parts.length <= 1) {
    if (typeof first === 'string') return { constant: first, evaluate: () => first };
    return { constant: undefined, evaluate: first };
  }
  return {
    constant: undefined,
    evaluate: (context) => {
      let text = '';
      for (const part of parts) text += typeof part === 'string' ? part : part(context);
      return text;
    },
  };
}

/** What stands between `${` and `}`. */
function compileReference(reference: string, hasGroups: boolean): Part {
  const match = FUNCTION.exec(reference);
  if (match !== null) {
    const compute = variableFunction(match[1] ?? '');
    if (compute === undefined) return () => '';
    const key = compileTemplate(match[2] ?? '', hasGroups);
    return (context) => compute(key.evaluate(context), context);
  }
  const name = hasGroups && reference.includes('$') ? compileTemplate(reference, true) : undefined;
  if (name !== undefined) return (context) => context.exchange.variables.get(name.evaluate(context)) ?? '';
  return (context) => context.exchange.variables.get(reference) ?? '';
}
