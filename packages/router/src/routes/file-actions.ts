import { Buffer } from 'node:buffer';
import { closeSync, readFileSync } from 'node:fs';

import { errorHead, reasonPhrase, type ResponseHead } from '@emperor/http';

import { sendFile } from '../static/file-answer.ts';
import { FileStore, type StoredFile } from '../static/file-store.ts';
import { FileStream } from '../static/file-stream.ts';
import { openInside } from '../static/open-inside.ts';
import { type Action, type ActionKind, type ActionSource, ANSWER_PHASES, type Outcome } from './action.ts';
import { compileFileTarget, type FileTarget } from './file-target.ts';
import { parseKeyValues } from './key-values.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';
import type { RouteSettings } from './route-settings.ts';

/** A file in place of another answer is read as a whole: it is a page, not a download. */
const LARGEST_PAGE_BYTES = 16 * 1024 * 1024;

const store = new FileStore();

/** What happens when there is no file to send. */
function missing(context: RouteContext, goesOn: boolean, { phase }: ActionSource): Outcome {
  if (goesOn || phase !== 'request') return 'next';
  context.answer(errorHead(404), Buffer.from(reasonPhrase(404)));
  return 'answered';
}

function lookup(target: FileTarget, context: RouteContext): { name: string; file: StoredFile } | undefined {
  const name = target.pathFor(context);
  if (name === undefined) return undefined;
  const file = store.lookup(name, target.rootsFor(context));
  return file === undefined || file === 'directory' || 'outside' in file ? undefined : { name, file };
}

/** The content of a file that replaces an answer. */
function readPage(file: StoredFile, roots: readonly string[]): Buffer | undefined {
  if (file.body !== undefined) return file.body;
  if (file.size > LARGEST_PAGE_BYTES) return undefined;
  const opened = openInside(file.realPath, roots);
  if (opened === undefined || 'outside' in opened) return undefined;
  try {
    return readFileSync(opened.descriptor);
  } finally {
    closeSync(opened.descriptor);
  }
}

/** `static:FILE`: the file as the static file server sends it, with conditional requests and ranges. */
function sendingStatic(goesOn: boolean): ActionKind {
  return {
    phases: ANSWER_PHASES,
    compile: (source) => {
      const target = compileFileTarget(source.argument, source);
      const types = source.mimeTypes;
      const isAnswered = source.phase !== 'request';
      return (context) => {
        const found = lookup(target, context);
        if (found === undefined) return missing(context, goesOn, source);
        const { name, file } = found;
        const contentType = source.settings.typesStaticFiles ? types().of(name) : undefined;
        if (isAnswered) {
          const page = readPage(file, target.rootsFor(context));
          if (page === undefined) return 'next';
          const type = contentType === undefined ? [] : ['Content-Type', contentType];
          const headers = [...type, 'Content-Length', String(page.length), 'Last-Modified', file.lastModified];
          context.answer({ status: 200, reason: 'OK', headers }, page);
          return 'answered';
        }
        return sendStatic(context, target.rootsFor(context), file, contentType, source.settings)
          ? 'answered'
          : missing(context, goesOn, source);
      };
    },
  };
}

function sendStatic(
  context: RouteContext,
  roots: readonly string[],
  file: StoredFile,
  contentType: string | undefined,
  { fileVia, usesSendfile }: RouteSettings,
): boolean {
  const method = context.exchange.variables.get('REQUEST_METHOD');
  if (method !== 'GET' && method !== 'HEAD') {
    const { status, reason, headers } = errorHead(405);
    context.answer({ status, reason, headers: [...headers, 'Allow', 'GET, HEAD'] }, Buffer.from(reason));
    return true;
  }
  return sendFile(context.exchange, {
    file,
    roots,
    leading: [],
    contentType,
    middle: [],
    trailing: [],
    offers: [],
    etag: undefined,
    honoursRanges: true,
    via: fileVia,
    usesSendfile,
    delegate: undefined,
  });
}

const FILE_KEYS = ['filename', 'status', 'content_type', 'mime', 'no_cl'];
const FILE_STATUS = /^([2-9][0-9]{2})(?: +(.*))?$/s;

/** `file:filename=F,status=404 Not Found,content_type=T,mime=1,no_cl=1`: a page with a status. */
function sendingFile(goesOn: boolean, via: (settings: RouteSettings) => string): ActionKind {
  return {
    phases: ANSWER_PHASES,
    compile: (source): Action => {
      const keys = parseKeyValues(source.argument, FILE_KEYS);
      const name = keys.get('filename');
      if (name === undefined) {
        throw new RouteError(
          'invalid route syntax: file: needs the name of a file',
          `write file:filename=${source.argument === '' ? '/srv/page.html' : source.argument}`,
        );
      }
      const target = compileFileTarget(name, source);
      const headFor = compileFileHead(keys, source);
      const isAnswered = source.phase !== 'request';
      return (context) => {
        const found = lookup(target, context);
        if (found === undefined) return missing(context, goesOn, source);
        const { file } = found;
        const head = headFor(context, found.name, file.size);
        if (!isAnswered) context.exchange.record.via = via(source.settings);
        const page = file.body ?? (isAnswered ? readPage(file, target.rootsFor(context)) : undefined);
        if (page !== undefined) context.answer(head, page);
        else if (isAnswered || !streamFile(context, target.rootsFor(context), file, head, source.settings))
          return missing(context, goesOn, source);
        return 'answered';
      };
    },
  };
}

function compileFileHead(
  keys: ReadonlyMap<string, string>,
  source: ActionSource,
): (context: RouteContext, name: string, size: number) => ResponseHead {
  const types = source.mimeTypes;
  const status = FILE_STATUS.exec(keys.get('status') ?? '200');
  if (status === null) throw new RouteError(`invalid route syntax: status=${keys.get('status')} is no status`);
  const code = Number(status[1]);
  const type = source.template(keys.get('content_type') ?? '');
  const byName = keys.has('mime') && type.constant === '';
  return (context, name, size) => {
    const contentType = (byName ? types().of(name) : type.evaluate(context)) || 'text/html';
    const headers = keys.has('no_cl') ? [] : ['Content-Length', String(size)];
    return {
      status: code,
      reason: status[2] ?? reasonPhrase(code),
      headers: [...headers, 'Content-Type', contentType],
    };
  };
}

function streamFile(
  { exchange }: RouteContext,
  roots: readonly string[],
  file: StoredFile,
  head: ResponseHead,
  { usesSendfile }: RouteSettings,
): boolean {
  const opened = openInside(file.realPath, roots);
  if (opened === undefined || 'outside' in opened) return false;
  if (opened.stat.size !== file.size) {
    closeSync(opened.descriptor);
    return false;
  }
  const stream = new FileStream(exchange, opened.descriptor, [{ start: 0, end: file.size }], usesSendfile);
  exchange.start(head, stream);
  stream.begin();
  return true;
}

/** What the request line says about how a file was sent: nothing, `via sendfile()`, or as for static files. */
const unsaid = (): string => '';
const bySendfile = (): string => 'sendfile()';
const asFiles = ({ fileVia }: RouteSettings): string => fileVia;

/** Actions that answer with a file. */
export const FILE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  static: sendingStatic(false),
  'static-next': sendingStatic(true),
  file: sendingFile(false, unsaid),
  'file-next': sendingFile(true, unsaid),
  sendfile: sendingFile(false, bySendfile),
  'sendfile-next': sendingFile(true, bySendfile),
  fastfile: sendingFile(false, asFiles),
  'fastfile-next': sendingFile(true, asFiles),
};
