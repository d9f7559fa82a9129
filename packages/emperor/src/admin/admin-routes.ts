import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AdminApi } from './admin-api.ts';
import { EventStream } from './event-stream.ts';
import { VERBS, type Verb } from './operations.ts';
import { sendJson } from './whole-answer.ts';

/*
 *   GET  /status                          EmperorStatus
 *   GET  /vassals/NAME                    VassalPage
 *   POST /vassals/NAME/VERB               an Outcome, when there is one
 *   GET  /vassals/NAME/ready?seconds=30   an Outcome: as soon as it accepts requests, or at the latest after so long
 *   GET  /output?vassal=NAME&count=100&follow    what vassals wrote: lines of JSON (EventLine)
 *   GET  /events?vassal=NAME&count=100&follow    what happened: the same
 *   POST /upgrade                         UpgradeAnswer: another emperor takes over in the same process
 *
 * NAME is percent-encoded. 404 for an unknown one.
 */

const DEFAULT_PATIENCE_SECONDS = 30;
const LONGEST_PATIENCE_SECONDS = 3600;
const DEFAULT_COUNT = 100;

interface Answer {
  readonly status: number;
  readonly body: object;
}

const NOT_HERE: Answer = {
  status: 404,
  body: {
    error: `there are /status, /events, /output, /vassals/NAME, /vassals/NAME/ready, and POST /vassals/NAME/VERB with ${VERBS.join(', ')}`,
  },
};

/** Answers one request for the API. */
export async function answerApi(request: IncomingMessage, response: ServerResponse, api: AdminApi): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://emperor');
  if (request.method === 'GET' && (url.pathname === '/events' || url.pathname === '/output')) {
    return stream(url, response, api);
  }
  try {
    const { status, body } = await answer(request.method ?? '', url, api);
    sendJson(response, status, body);
  } catch (error) {
    sendJson(response, 500, { error: String(error) });
  }
}

function stream({ pathname, searchParams }: URL, response: ServerResponse, { recent }: AdminApi): void {
  const vassal = searchParams.get('vassal') ?? undefined;
  const count = numberOf(searchParams.get('count'), DEFAULT_COUNT);
  const isOutput = pathname === '/output';
  const lines = isOutput ? recent.output(vassal, count) : recent.events(vassal, count);
  const stream = new EventStream(response);
  for (const line of lines) stream.send(line);
  if (!searchParams.has('follow')) return stream.end();
  const forget = recent.listen((line) => {
    if ((line.event === 'vassal-output') === isOutput && (vassal === undefined || vassal === line.vassal))
      stream.send(line);
  });
  response.on('close', forget);
}

async function answer(method: string, url: URL, api: AdminApi): Promise<Answer> {
  if (method === 'GET' && url.pathname === '/status') return { status: 200, body: await api.status() };
  if (method === 'POST' && url.pathname === '/upgrade') return { status: 200, body: await api.upgrade() };
  const [, encoded, verb] = /^\/vassals\/([^/]+)(?:\/([a-z]+))?$/.exec(url.pathname) ?? [];
  const name = encoded === undefined ? undefined : decoded(encoded);
  if (name === undefined) return NOT_HERE;
  if (method === 'GET' && verb === undefined) return found(name, await api.vassal(name));
  if (method === 'POST' && isVerb(verb)) return found(name, await api.perform(verb, name));
  if (method !== 'GET' || verb !== 'ready') return NOT_HERE;
  const seconds = numberOf(url.searchParams.get('seconds'), DEFAULT_PATIENCE_SECONDS);
  return { status: 200, body: await api.untilReady(name, Math.min(seconds, LONGEST_PATIENCE_SECONDS) * 1000) };
}

function found(name: string, body: object | undefined): Answer {
  return body === undefined ? { status: 404, body: { error: `there is no vassal ${name}` } } : { status: 200, body };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function numberOf(text: string | null, otherwise: number): number {
  const number = text === null || text === '' ? otherwise : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : otherwise;
}

function isVerb(text: string | undefined): text is Verb {
  return VERBS.some((verb) => verb === text);
}
