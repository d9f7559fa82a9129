import { connect } from 'node:net';

/** What a vassal of ours tells about itself over its control socket. */
export interface VassalFigures {
  readonly requests: number;
  /** By class: `2xx`, … */
  readonly responses: Readonly<Record<string, number>>;
  readonly bytesOut: number;
  readonly workers: { readonly total: number; readonly busy: number; readonly idle: number };
  readonly queueDepth: number;
  readonly exceptions: number;
  /** Workers started again after a death. */
  readonly respawns: number;
  readonly openConnections: number;
  /** Where it listens, as URLs: `http://127.0.0.1:8000`, `uwsgi://127.0.0.1:8001`. */
  readonly addresses: readonly string[];
}

/** A longer answer is none. */
const ANSWER_LIMIT_BYTES = 65_536;

/**
 * Asks a vassal for its figures: one line of JSON there, one back. Undefined when it does not answer in time, or nonsense:
 * a hung vassal is a fact to show, not an error.
 */
export async function askFigures(socketPath: string, timeoutMs: number): Promise<VassalFigures | undefined> {
  const answer = await exchangeLine(socketPath, '{"request":"status"}\n', timeoutMs);
  return answer === undefined ? undefined : readFigures(answer);
}

function exchangeLine(socketPath: string, request: string, timeoutMs: number): Promise<string | undefined> {
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
    socket.on('connect', () => socket.write(request));
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

type Json = { readonly [key: string]: unknown };

/** Takes what is a sensible number; what is missing counts as 0, so that an older vassal is read too. */
function readFigures(line: string): VassalFigures | undefined {
  const answer = parseObject(line);
  if (answer === undefined) return undefined;
  const workers = isObject(answer['workers']) ? answer['workers'] : {};
  const responses = isObject(answer['responses']) ? answer['responses'] : {};
  return {
    requests: count(answer['requests']),
    responses: Object.fromEntries(RESPONSE_CLASSES.map((each) => [each, count(responses[each])])),
    bytesOut: count(answer['bytesOut']),
    workers: { total: count(workers['total']), busy: count(workers['busy']), idle: count(workers['idle']) },
    queueDepth: count(answer['queueDepth']),
    exceptions: count(answer['exceptions']),
    respawns: count(answer['respawns']),
    openConnections: count(answer['openConnections']),
    addresses: texts(answer['addresses']),
  };
}

/** Keys of `responses`. */
const RESPONSE_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

function parseObject(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
