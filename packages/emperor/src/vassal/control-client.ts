import { connect } from 'node:net';

import type { ControlConfiguration, ControlRequestName } from '@emperor/protocol';

import {
  count,
  isObject,
  type Json,
  objects,
  parseObject,
  readFigures,
  text,
  texts,
  type VassalFigures,
} from './vassal-figures.ts';

/** More than somebody wants to read. */
const MOST_OF_A_KIND = 64;

/** A longer answer is none. */
const ANSWER_LIMIT_BYTES = 1024 * 1024;

/**
 * Asks a vassal for its figures: one line of JSON there, one back. Undefined when it does not answer in time, or nonsense:
 * a hung vassal is a fact to show, not an error.
 */
export async function askFigures(socketPath: string, timeoutMs: number): Promise<VassalFigures | undefined> {
  const answer = await exchangeLine(socketPath, 'status', timeoutMs);
  return answer === undefined ? undefined : readFigures(answer);
}

/** Asks a vassal what it runs with. Undefined when it does not answer in time, or nonsense. */
export async function askConfiguration(
  socketPath: string,
  timeoutMs: number,
): Promise<ControlConfiguration | undefined> {
  const answer = await exchangeLine(socketPath, 'configuration', timeoutMs);
  const configuration = answer === undefined ? undefined : parseObject(answer);
  if (!Array.isArray(configuration?.['entries'])) return undefined;
  const entries = configuration['entries'].filter(isObject).map(({ key, value, origin }) => ({
    key: String(key),
    value: String(value),
    origin: String(origin),
  }));
  return {
    entries,
    problems: texts(configuration['problems']),
    nextRuns: objects(configuration['nextRuns'], MOST_OF_A_KIND).map(({ at, what }) => ({
      at: count(at),
      what: text(what),
    })),
    jobs: objects(configuration['jobs'], MOST_OF_A_KIND).map(({ place, waiting, running, dead }) => ({
      place: text(place),
      waiting: count(waiting),
      running: count(running),
      dead: count(dead),
    })),
  };
}

/** Asks a vassal for uWSGI's statistics. Undefined when it does not answer in time, or nonsense. */
export async function askStatistics(socketPath: string, timeoutMs: number): Promise<Json | undefined> {
  const answer = await exchangeLine(socketPath, 'statistics', timeoutMs);
  return answer === undefined ? undefined : parseObject(answer);
}

function exchangeLine(socketPath: string, request: ControlRequestName, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const finish = (answer: string | undefined): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => finish(undefined), timeoutMs);
    let received = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify({ request })}\n`));
    socket.on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\n');
      if (end !== -1) finish(received.slice(0, end));
      else if (received.length > ANSWER_LIMIT_BYTES) finish(undefined);
    });
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
  });
}
