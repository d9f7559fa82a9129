import { spawnSync } from 'node:child_process';
import { ConfigError } from './config-error.ts';

/** Longest time a server may take that holds a part of the configuration. */
const FETCH_TIMEOUT_MS = 10_000;

/** Runs in a process of its own: a configuration is read without a pause, and `fetch` would stay in the memory of the instance. */
const FETCH = `
const [, url, timeoutMs] = process.argv;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(Number(timeoutMs)) });
  if (!answer.ok) throw new Error('the server answers ' + answer.status);
  process.stdout.write(Buffer.from(await answer.arrayBuffer()));
} catch (error) {
  process.stderr.write(error.cause?.message || error.message);
  process.exitCode = 1;
}`;

/**
 * Body of the answer to a GET.
 * @param maxBytes a longer one is an error
 * @throws {ConfigError} when the server cannot be reached, or answers anything but success
 */
export function fetchSource(url: string, maxBytes: number): Buffer {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', FETCH, '--', url, String(FETCH_TIMEOUT_MS)],
    { maxBuffer: maxBytes },
  );
  if (status === 0 && error === undefined) return stdout;
  const reason = error?.message ?? stderr.toString('utf8').split('\n')[0];
  throw new ConfigError(`cannot read ${JSON.stringify(url)}: ${reason}`);
}
