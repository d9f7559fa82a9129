import type { RouteContext } from './route-context.ts';
import type { VariableFunction } from './variable-functions.ts';

/** Text of a rule with `${VARIABLE}`, `${function[key]}` and `$1` in it, compiled. */
export interface Template {
  /** The text, where it depends on nothing. */
  readonly constant: string | undefined;
  readonly evaluate: (context: RouteContext) => string;
}

type Part = (context: RouteContext) => string;

/** What texts are compiled with. */
export interface TemplateLanguage {
  readonly functions: ReadonlyMap<string, VariableFunction>;
  /** Tells of a function that does not exist. */
  readonly warn: (message: string, suggestion?: string) => void;
}

/** `${…}` or `$1`. */
const REFERENCE = /\$(?:\{([^}]*)\}|([0-9]))/g;
const FUNCTION = /^([^[\]]+)\[(.*)\]$/s;

/**
 * Compiles the text of a rule. As in uWSGI an unclosed `${` and a `$` before anything else stay as written; `$1` is empty in a rule
 * without a pattern.
 * A group may stand inside braces: `${qs[$1]}`. What a group or a variable holds is never read as a text of the rule (in uWSGI a
 * client that sends `${…}` gets it expanded).
 */
export function compileTemplate(text: string, language: TemplateLanguage): Template {
  const parts: (string | Part)[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [written, reference, digit] = match;
    const part = reference === undefined ? compileGroup(digit) : compileReference(reference, language);
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(part);
    end = match.index + written.length;
  }
  if (end < text.length) parts.push(text.slice(end));
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

function compileGroup(digit: string | undefined): Part {
  const group = Number(digit);
  return (context) => context.match?.[group] ?? '';
}

/** What stands between `${` and `}`. */
function compileReference(reference: string, language: TemplateLanguage): Part {
  const match = FUNCTION.exec(reference);
  if (match === null) return compileVariable(reference, language);
  const [, name = '', key = ''] = match;
  const compute = language.functions.get(name);
  if (compute === undefined) {
    language.warn(
      `"\${${reference}}" is always empty: there is no function "${name}"`,
      `known functions: ${[...language.functions.keys()].join(', ')}`,
    );
    return () => '';
  }
  const compiled = compileTemplate(key, language);
  return (context) => compute(compiled.evaluate(context), context);
}

function compileVariable(name: string, language: TemplateLanguage): Part {
  const { constant, evaluate } = compileTemplate(name, language);
  if (constant !== undefined) return ({ exchange }) => exchange.variables.get(constant) ?? '';
  return (context) => context.exchange.variables.get(evaluate(context)) ?? '';
}
