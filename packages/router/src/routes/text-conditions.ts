import { comparing, type ConditionCompiler } from './condition.ts';

/** Numbers as uWSGI reads them: leading digits count, other text is 0. */
function numberOf(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : number;
}

const isEqual = comparing((left, right) => left === right);
const contains = comparing((text, part) => part !== '' && text.includes(part));
const isHigher = comparing((left, right) => numberOf(left) > numberOf(right));
const isHigherOrEqual = comparing((left, right) => numberOf(left) >= numberOf(right));
const isLower = comparing((left, right) => numberOf(left) < numberOf(right));
const isLowerOrEqual = comparing((left, right) => numberOf(left) <= numberOf(right));

/** `regexp:TEXT;PATTERN`. */
const regexp: ConditionCompiler = (source) => {
  const { argument, template, compilePattern, warn } = source;
  const semicolon = argument.indexOf(';');
  if (semicolon === -1) {
    warn(`the condition never holds: it needs a text and a pattern with ";" between them, not "${argument}"`);
    return () => false;
  }
  const text = template(argument.slice(0, semicolon));
  const pattern = compilePattern(argument.slice(semicolon + 1));
  return (context) => {
    context.match = pattern.exec(text.evaluate(context)) ?? undefined;
    return context.match !== undefined;
  };
};

const empty: ConditionCompiler = ({ argument, template }) => {
  const text = template(argument);
  return (context) => text.evaluate(context) === '';
};

/** Conditions over texts and numbers. */
export const TEXT_CONDITIONS: Readonly<Record<string, ConditionCompiler>> = {
  equal: isEqual,
  isequal: isEqual,
  eq: isEqual,
  '==': isEqual,
  startswith: comparing((text, start) => text.startsWith(start)),
  endswith: comparing((text, end) => text.endsWith(end)),
  contains,
  contain: contains,
  regexp,
  re: regexp,
  empty,
  ishigher: isHigher,
  '>': isHigher,
  ishigherequal: isHigherOrEqual,
  '>=': isHigherOrEqual,
  islower: isLower,
  '<': isLower,
  islowerequal: isLowerOrEqual,
  '<=': isLowerOrEqual,
};
