import { parseAddress, type SocketAddressText } from './address.ts';
import { ConfigError } from './config-error.ts';

/** What an instance tells which router about itself (`subscribe-to`, `subscribe2`). */
export interface SubscriptionText {
  readonly server: Extract<SocketAddressText, { kind: 'tcp' | 'unix' }>;
  /** A host name; `@FILE` stands for the lines of a file. */
  readonly key: string;
  readonly modifier1: number;
  readonly modifier2: number;
  /** What follows is undefined where the instance itself says what it is. */
  readonly address: string | undefined;
  /** Number of the socket to announce, from 0. */
  readonly socket: number | undefined;
  readonly weight: number | undefined;
  readonly protocol: 'uwsgi' | 'http' | undefined;
  /** Nothing is announced while this file is there. */
  readonly unlessFile: string | undefined;
  /** Keys that uWSGI knows and that have no effect here. */
  readonly ignored: readonly string[];
}

const SUBSCRIBE_TO = 'SERVER:HOST[,MODIFIER1], where SERVER is HOST:PORT or the path of a UNIX socket';
const SUBSCRIBE2 =
  'server=ADDRESS,key=HOST[,addr=ADDRESS][,socket=N][,weight=N][,modifier1=N][,modifier2=N][,check=FILE]';
/** What routers take, as uWSGI's do. */
const MAX_KEY_BYTES = 255;
const IGNORED: ReadonlySet<string> = new Set([
  'sign',
  'sni_key',
  'sni_crt',
  'sni_ca',
  'algo',
  'backup',
  'notify',
  'clear',
]);

/**
 * Reads `SERVER:HOST`, `SERVER:@FILE`, `SERVER:HOST,MODIFIER1[,SIGNATURE]`. The host may have a port of its own, `SERVER:HOST:8000`.
 * @throws {ConfigError} with a sentence that names the text
 */
export function parseSubscribeTo(text: string): SubscriptionText {
  const [, server, rest] = /^(\/[^:]*|(?:\[[^\]]*\]|[^:/]*):\d+):(.+)$/.exec(text) ?? [];
  if (server === undefined || rest === undefined) throw wrong(text, SUBSCRIBE_TO);
  const [key = '', modifier1, signature] = rest.split(',', 3).map((part) => part.trim());
  const ignored = signature === undefined ? [] : ['sign'];
  return subscription(text, new Map(pairs({ server, key, modifier1 })), ignored, SUBSCRIBE_TO);
}

/**
 * Reads `server=…,key=…` and what else uWSGI has there.
 * @throws {ConfigError} with a sentence that names the text
 */
export function parseSubscribe2(text: string): SubscriptionText {
  const values = new Map<string, string>();
  const ignored: string[] = [];
  for (const part of text.split(',')) {
    const mark = part.indexOf('=');
    const name = part.slice(0, Math.max(mark, 0)).trim();
    if (IGNORED.has(name)) ignored.push(name);
    else if (KEYS.has(name)) values.set(name, part.slice(mark + 1).trim());
    else
      throw new ConfigError(
        `${JSON.stringify(part.trim().slice(0, 80))} is nothing that can be said about a subscription`,
        `expected ${SUBSCRIBE2}`,
      );
  }
  return subscription(text, values, ignored, SUBSCRIBE2);
}

const KEYS: ReadonlySet<string> = new Set([
  'server',
  'key',
  'addr',
  'socket',
  'weight',
  'modifier1',
  'modifier2',
  'proto',
  'check',
]);

function pairs(values: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
}

function subscription(
  text: string,
  values: ReadonlyMap<string, string>,
  ignored: readonly string[],
  form: string,
): SubscriptionText {
  const key = values.get('key') ?? '';
  const server = parseAddress(values.get('server') ?? '');
  if (key === '' || key === '@' || (server.kind !== 'tcp' && server.kind !== 'unix')) throw wrong(text, form);
  if (key.length > MAX_KEY_BYTES)
    throw new ConfigError(`the host of a subscription has at most ${MAX_KEY_BYTES} characters`);
  const number = (name: string, max: number): number | undefined => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,7}$/.test(value) || Number(value) > max)
      throw new ConfigError(`${name} of a subscription is a number up to ${max}, not ${JSON.stringify(value)}`);
    return Number(value);
  };
  const protocol = values.get('proto');
  return {
    server,
    key,
    modifier1: number('modifier1', 255) ?? 0,
    modifier2: number('modifier2', 255) ?? 0,
    address: values.get('addr'),
    socket: number('socket', 1000),
    weight: number('weight', 1_000_000),
    protocol: protocol === undefined ? undefined : protocol.startsWith('http') ? 'http' : 'uwsgi',
    unlessFile: values.get('check'),
    ignored,
  };
}

function wrong(text: string, form: string): ConfigError {
  return new ConfigError(`${JSON.stringify(text.slice(0, 80))} is no subscription`, `expected ${form}`);
}
