import type { ActionKind } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { RouteError } from './route-error.ts';

const log: ActionKind = {
  compile: ({ argument, template, settings }) => {
    const text = template(argument);
    return (context) => {
      settings.log(fromByteText(text.evaluate(context)));
      return 'next';
    };
  },
};

/** `logvar:NAME=VALUE`: `%(NAME)` of log-format. */
const logvar: ActionKind = {
  compile: ({ argument, template }) => {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, Math.max(equals, 0)).trim();
    if (name === '') throw new RouteError(`invalid logvar syntax, must be key=value, not "${argument}"`);
    const value = template(argument.slice(equals + 1));
    return (context) => {
      const { record } = context.exchange;
      (record.logVariables ??= new Map()).set(name, value.evaluate(context));
      return 'next';
    };
  },
};

const donotlog: ActionKind = {
  compile: () => (context) => {
    context.exchange.record.silent = true;
    return 'next';
  },
};

/** Actions on what is logged. */
export const LOG_ACTIONS: Readonly<Record<string, ActionKind>> = { log, logvar, donotlog };
