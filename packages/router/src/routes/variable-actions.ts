import type { Variables } from '@emperor/http';

import type { ActionKind } from './action.ts';
import { RouteError } from './route-error.ts';

/** An action that gives a variable of the request another value. */
function setting(variable: string): ActionKind {
  return {
    compile: ({ argument, template }) => {
      const value = template(argument);
      return (context) => {
        context.exchange.variables.redefine(variable, value.evaluate(context));
        return 'next';
      };
    },
  };
}

const addvar: ActionKind = {
  compile: ({ argument, template }) => {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, Math.max(equals, 0)).trim();
    if (name === '') throw new RouteError(`[uwsgi-route] invalid addvar syntax, must be KEY=VAL, not "${argument}"`);
    const value = template(argument.slice(equals + 1));
    return (context) => {
      context.exchange.variables.redefine(name, value.evaluate(context));
      return 'next';
    };
  },
};

/** The mount point that an app already knows as SCRIPT_NAME is taken off PATH_INFO. */
const fixpathinfo: ActionKind = {
  compile:
    () =>
    ({ exchange: { variables } }) => {
      const script = variables.get('SCRIPT_NAME') ?? '';
      const path = variables.get('PATH_INFO') ?? '';
      if (script !== '' && path.startsWith(script)) variables.redefine('PATH_INFO', path.slice(script.length));
      return 'next';
    },
};

/**
 * Gives PATH_INFO another value, and QUERY_STRING where there is a `?`: the query of the request is put behind it. REQUEST_URI stays
 * (UWSGI-FACTS 11.6).
 */
function rewriting(outcome: 'next' | 'leave'): ActionKind {
  return {
    compile: ({ argument, template }) => {
      if (argument === '') throw new RouteError('invalid route syntax: rewrite: needs a path');
      const target = template(argument);
      return (context) => {
        rewrite(context.exchange.variables, target.evaluate(context));
        return outcome;
      };
    },
  };
}

function rewrite(variables: Variables, target: string): void {
  const mark = target.indexOf('?');
  variables.redefine('PATH_INFO', mark === -1 ? target : target.slice(0, mark));
  const added = mark === -1 ? '' : target.slice(mark + 1);
  const old = variables.get('QUERY_STRING') ?? '';
  variables.redefine('QUERY_STRING', added === '' || old === '' ? added + old : `${added}&${old}`);
}

/** Actions on the variables of the request, which the rules behind them and the app see. */
export const VARIABLE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  addvar,
  fixpathinfo,
  rewrite: rewriting('next'),
  'rewrite-last': rewriting('leave'),
  setapp: setting('UWSGI_APPID'),
  setdocroot: setting('DOCUMENT_ROOT'),
  setfile: setting('UWSGI_FILE'),
  sethome: setting('UWSGI_HOME'),
  setmethod: setting('REQUEST_METHOD'),
  setpathinfo: setting('PATH_INFO'),
  setremoteaddr: setting('REMOTE_ADDR'),
  setscheme: setting('UWSGI_SCHEME'),
  setscriptname: setting('SCRIPT_NAME'),
  seturi: setting('REQUEST_URI'),
  setuser: setting('REMOTE_USER'),
};
