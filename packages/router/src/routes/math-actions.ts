import type { ActionKind } from './action.ts';
import { RouteError } from './route-error.ts';

/** Numbers as uWSGI reads them: leading digits count, other text is 0. */
function numberOf(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? 0 : number;
}

/** `+:NAME,NUMBER`: calculates with a variable of the request; without a number it is 1. Integers, as in uWSGI. */
function calculating(sign: string, compute: (left: number, right: number) => number): ActionKind {
  return {
    compile: ({ argument, template }) => {
      const comma = argument.indexOf(',');
      const name = (comma === -1 ? argument : argument.slice(0, comma)).trim();
      if (name === '')
        throw new RouteError(`invalid route syntax: ${sign}: needs the name of a variable`, `${sign}:N,1`);
      const operand = template(comma === -1 ? '1' : argument.slice(comma + 1));
      return (context) => {
        const { variables } = context.exchange;
        variables.redefine(name, String(compute(numberOf(variables.get(name)), numberOf(operand.evaluate(context)))));
        return 'next';
      };
    },
  };
}

/** Actions that calculate. */
export const MATH_ACTIONS: Readonly<Record<string, ActionKind>> = {
  '+': calculating('+', (left, right) => left + right),
  '-': calculating('-', (left, right) => left - right),
  '*': calculating('*', (left, right) => left * right),
  '/': calculating('/', (left, right) => (right === 0 ? 0 : Math.trunc(left / right))),
};
