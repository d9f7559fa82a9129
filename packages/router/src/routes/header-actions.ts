import { type Action, type ActionKind, ANSWER_PHASES } from './action.ts';
import { compileStatus } from './flow-actions.ts';
import { RouteError } from './route-error.ts';

const HEADER = /^\s*([^\s:]+)\s*:[ \t]*(.*?)[ \t]*$/s;

interface Header {
  readonly name: string;
  readonly value: string;
}

function splitHeader(text: string): Header | undefined {
  const match = HEADER.exec(text);
  return match === null ? undefined : { name: match[1] ?? '', value: match[2] ?? '' };
}

const addheader: ActionKind = {
  phases: ANSWER_PHASES,
  compile: ({ argument, template, settings }) => {
    const text = template(argument);
    if (text.constant !== undefined) {
      const header = splitHeader(text.constant);
      if (header === undefined) throw new RouteError(`addheader needs NAME: VALUE, not "${argument}"`);
      return (context) => {
        context.addHeader(header.name, header.value);
        return 'next';
      };
    }
    return (context) => {
      const header = splitHeader(text.evaluate(context));
      if (header === undefined) settings.log(`[uwsgi-route] no header to be added in "${text.evaluate(context)}"`);
      else context.addHeader(header.name, header.value);
      return 'next';
    };
  },
};

const remheader: ActionKind = {
  phases: ANSWER_PHASES,
  compile: ({ argument, template }) => {
    const name = template(argument);
    if (name.constant === '')
      throw new RouteError('invalid route syntax: the name of the header to be removed is missing');
    return (context) => {
      context.removeHeader(name.evaluate(context).trim());
      return 'next';
    };
  },
};

/**
 * `clearheaders:403 Go Away`: another status and no headers but those that rules add later. In a request rule it is the head of what
 * `send:` and `break:` make; without a status there, uWSGI ends the request.
 */
const clearheaders: ActionKind = {
  phases: ANSWER_PHASES,
  compile: (source): Action => {
    if (source.argument === '' && source.phase === 'request') {
      return (context) => {
        context.hangUp();
        return 'answered';
      };
    }
    if (source.argument === '') {
      return (context) => {
        context.resetHead(undefined, undefined);
        return 'next';
      };
    }
    const written = compileStatus(source);
    return (context) => {
      const { status, reason } = written(context);
      context.resetHead(status, reason);
      return 'next';
    };
  },
};

/** Actions on the headers of the answer. */
export const HEADER_ACTIONS: Readonly<Record<string, ActionKind>> = {
  addheader,
  remheader,
  delheader: remheader,
  clearheaders,
  resetheaders: clearheaders,
};
