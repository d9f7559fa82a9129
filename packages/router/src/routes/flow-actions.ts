import { Buffer } from 'node:buffer';

import { errorHead, reasonPhrase } from '@emperor/http';

import type { Action, ActionKind, ActionSource } from './action.ts';
import { RouteError } from './route-error.ts';

const STATUS = /^([1-9][0-9]{2})(?: +(.*))?$/s;

/** A status as written in a rule: `403` or `403 Go Away`. */
interface WrittenStatus {
  readonly status: number;
  readonly reason: string;
}

function parseStatus(text: string): WrittenStatus | undefined {
  const match = STATUS.exec(text.trim());
  if (match === null) return undefined;
  const status = Number(match[1]);
  return { status, reason: match[2] ?? reasonPhrase(status) };
}

/** Compiles an argument that is a status, so that a bad one is found at start where it can be. */
export function compileStatus(source: ActionSource): (context: Parameters<Action>[0]) => WrittenStatus {
  const template = source.template(source.argument);
  const { constant } = template;
  const unusable: WrittenStatus = { status: 500, reason: reasonPhrase(500) };
  if (constant === undefined) return (context) => parseStatus(template.evaluate(context)) ?? unusable;
  const status = parseStatus(constant);
  if (status === undefined) throw new RouteError(`invalid route syntax: "${constant}" is no status`, 'such as: 404');
  return () => status;
}

const leave: ActionKind = { compile: () => () => 'leave' };

/** `break:` ends the request without a word, `break:403` with a head and no body (UWSGI-FACTS 11.5). */
const breakKind: ActionKind = {
  compile: (source) => {
    if (source.argument === '') {
      return (context) => {
        context.hangUp();
        return 'answered';
      };
    }
    const written = compileStatus(source);
    return (context) => {
      const { status, reason } = written(context);
      context.answer({ ...errorHead(status), reason }, Buffer.alloc(0));
      return 'answered';
    };
  },
};

/** `return:404` answers with the reason as the body. */
const returnKind: ActionKind = {
  compile: (source) => {
    const written = compileStatus(source);
    return (context) => {
      const { status, reason } = written(context);
      const body = Buffer.from(reason, 'latin1');
      const headers = ['Content-Type', 'text/plain', 'Content-Length', String(body.length)];
      context.answer({ status, reason, headers }, body);
      return 'answered';
    };
  },
};

const goto: ActionKind = {
  compile: ({ argument, template }) => {
    const label = template(argument);
    const { constant } = label;
    if (constant === '') throw new RouteError('invalid route syntax: goto: needs the name of a label');
    if (constant === undefined) return (context) => ({ label: label.evaluate(context) });
    const jump = { label: constant };
    return () => jump;
  },
};

/** Actions that decide which rules are asked and whether the request goes on. */
export const FLOW_ACTIONS: Readonly<Record<string, ActionKind>> = {
  last: leave,
  continue: leave,
  break: breakKind,
  return: returnKind,
  'break-with-status': returnKind,
  goto,
};
