import type { ActionKind } from './action.ts';
import { RouteError } from './route-error.ts';

/** `harakiri:SECONDS`: how long the app may take for this request before its worker is killed. */
const harakiri: ActionKind = {
  phases: ['request'],
  compile: ({ argument }) => {
    if (!/^[0-9]{1,9}$/.test(argument)) {
      throw new RouteError(`invalid route syntax: harakiri: needs seconds, not "${argument}"`, 'such as: harakiri:30');
    }
    const seconds = Number(argument);
    return ({ exchange }) => {
      exchange.record.harakiriSeconds = seconds;
      return 'next';
    };
  },
};

export const TIME_LIMIT_ACTIONS: Readonly<Record<string, ActionKind>> = { harakiri };
