import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Config, parseAddress } from '@emperor/config';

import type { InstanceLog } from '../instance-log.ts';
import { StartError } from '../start-error.ts';

/** How often it looks, as uWSGI does. */
const INTERVAL_MS = 1000;
const CONNECT_TIMEOUT_MS = 1000;

/** Something that has to be there before an instance starts. */
interface Condition {
  /** As the log calls it. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** @returns what the log says when it is there; undefined while it is not */
  readonly check: () => string | undefined | Promise<string | undefined>;
}

/** Waits for what `wait-for-*` name, one after the other; gives up when told to. @throws StartError when one of them does not come in time */
export async function waitForConditions(config: Config, log: InstanceLog, isGivenUp: () => boolean): Promise<void> {
  for (const condition of conditionsOf(config)) if (!isGivenUp()) await waitFor(condition, log, isGivenUp);
}

async function waitFor(
  { what, timeoutSeconds, check }: Condition,
  log: InstanceLog,
  isGivenUp: () => boolean,
): Promise<void> {
  log.line(`waiting for ${what} (max ${timeoutSeconds} seconds) ...`);
  for (let waited = 0; !isGivenUp(); waited++) {
    const found = await check();
    if (found !== undefined) {
      log.dated(found);
      return;
    }
    if (waited >= timeoutSeconds) throw new StartError(`${what} unavailable after ${waited} seconds`);
    await pause(INTERVAL_MS);
  }
}

function conditionsOf({ options }: Config): Condition[] {
  const fsTimeout = options['wait-for-fs-timeout'];
  const onDisk = (paths: readonly string[], isThere: (path: string) => boolean): Condition[] =>
    paths.map((path) => ({
      what: path,
      timeoutSeconds: fsTimeout,
      check: () => (isThere(path) ? `${path} found` : undefined),
    }));
  return [
    ...options['wait-for-interface'].map((name) => ({
      what: `interface ${name}`,
      timeoutSeconds: options['wait-for-interface-timeout'],
      check: () => (existsSync(`/sys/class/net/${name}`) ? `interface ${name} found` : undefined),
    })),
    ...onDisk(options['wait-for-fs'], (path) => look(path) !== undefined),
    ...onDisk(options['wait-for-file'], (path) => look(path)?.isFile() === true),
    ...onDisk(options['wait-for-dir'], (path) => look(path)?.isDirectory() === true),
    ...onDisk(options['wait-for-mountpoint'], isMountPoint),
    ...options['wait-for-socket'].map((address) => ({
      what: address,
      timeoutSeconds: options['wait-for-socket-timeout'],
      check: async () => ((await accepts(address)) ? `${address} ready` : undefined),
    })),
  ];
}

function look(path: string): ReturnType<typeof statSync> | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** It lies on another device than its parent, or is the root. */
function isMountPoint(path: string): boolean {
  const parent = dirname(resolve(path));
  if (parent === resolve(path)) return true;
  const [own, above] = [look(path), look(parent)];
  return own !== undefined && above !== undefined && own.dev !== above.dev;
}

/** Whether somebody listens there. */
function accepts(text: string): Promise<boolean> {
  const address = parseAddress(text);
  if (address.kind !== 'unix' && address.kind !== 'tcp')
    throw new StartError(`wait-for-socket = ${text}: expected the address of a server, HOST:PORT or a path`);
  return new Promise((done) => {
    const socket =
      address.kind === 'unix'
        ? connect(address.path)
        : connect({ host: address.host === '' ? '127.0.0.1' : address.host, port: address.port });
    const finish = (isThere: boolean): void => {
      socket.destroy();
      done(isThere);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
