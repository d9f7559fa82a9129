import { Buffer } from 'node:buffer';

import { findHeader, type ResponseFilter } from '@emperor/http';

import { type ActionKind, type ActionSource, ANSWER_PHASES } from './action.ts';
import { ReplacedBody } from './body-replacement.ts';
import { CollectedBody, UpperCaseBody } from './body-transformations.ts';
import { FileCopy } from './file-copy.ts';
import { compileFileTarget } from './file-target.ts';
import { readKeyValues } from './key-values.ts';
import { ResponseContext } from './response-context.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';

type BodyFilter = ResponseFilter['filterHead'];

/** An action on the body that an app, or another rule, makes. As in uWSGI what is sent as a file is left alone, and so is what is compressed already. */
function transforming(
  compile: (source: ActionSource) => (context: RouteContext) => BodyFilter | undefined,
): ActionKind {
  return {
    phases: ANSWER_PHASES,
    compile: (source) => {
      const filterFor = compile(source);
      return (context) => {
        const filter = filterFor(context);
        if (filter !== undefined) context.exchange.addFilter({ filterHead: untouched(filter) });
        return 'next';
      };
    },
  };
}

function untouched(filter: BodyFilter): BodyFilter {
  return (exchange, head, completeBody) => {
    const isLeftAlone = exchange.record.via !== '' || findHeader(head.headers, 'content-encoding') !== undefined;
    return isLeftAlone ? undefined : filter(exchange, head, completeBody);
  };
}

/** `toupper:`. */
const toupper = transforming(() => () => (_exchange, _head, body) => new UpperCaseBody(body?.length));

/** `template:` replaces `${…}` in the body, as in the texts of rules; `$1` is empty. */
const template = transforming(({ expand }) => () => (exchange, head, completeBody) => {
  const context = new ResponseContext(exchange, head, 0, undefined);
  const fill = (body: Uint8Array): Buffer =>
    Buffer.from(expand(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), context), 'latin1');
  return completeBody === undefined ? new CollectedBody('template:', fill) : new ReplacedBody(fill(completeBody));
});

/** `tofile:filename=F`: the body is kept in a file, too, which appears when it is complete. */
const tofile = transforming((source) => {
  const { argument, settings, warn } = source;
  const name = readKeyValues(argument, ['filename'], (part) => warn(`tofile: "${part}" is not understood`)).get(
    'filename',
  );
  if (name === undefined || name === '')
    throw new RouteError('invalid tofile route syntax, you need to specify a filename', 'tofile:filename=PATH');
  const target = compileFileTarget(name, source);
  return (context) => {
    const path = target.pathFor(context);
    if (path === undefined) {
      settings.log(`[uwsgi-route] tofile: what the request makes of "${name}" leads elsewhere: nothing is written`);
      return undefined;
    }
    return (_exchange, _head, body) => new FileCopy(path, settings.log, body?.length);
  };
});

/** Actions that see the body of the answer. */
export const BODY_ACTIONS: Readonly<Record<string, ActionKind>> = { template, tofile, 'to-file': tofile, toupper };
