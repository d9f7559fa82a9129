import { Buffer } from 'node:buffer';

import { type RouteContext, statusOf } from './route-context.ts';

/** Computes `${name[key]}`. Texts are bytes, one character each. */
export type VariableFunction = (key: string, context: RouteContext) => string;

const FUNCTIONS: Readonly<Record<string, VariableFunction>> = {
  uwsgi: (key, context) => {
    switch (key) {
      case 'status':
        return String(statusOf(context));
      case 'pid':
        return String(context.exchange.record.pid);
      case 'wid':
        return String(context.exchange.record.workerId);
      default:
        return '';
    }
  },
  hex: (key, { exchange }) => Buffer.from(exchange.variables.get(key) ?? '', 'latin1').toString('hex'),
  base64: (key, { exchange }) => Buffer.from(exchange.variables.get(key) ?? '', 'latin1').toString('base64'),
};

/** @returns undefined for a name that means nothing: its value is then empty, as in uWSGI */
export function variableFunction(name: string): VariableFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}
