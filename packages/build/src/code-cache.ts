import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A start of a command that shows V8 which of its functions a start needs. */
export interface Rehearsal {
  /** Its launcher: the cache fits only the Node and the flags that it names. */
  readonly launcher: string;
  readonly arguments: readonly string[];
  /** Its directory holds these files, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** In what it prints when it has started. It is asked for a page then, where it listens, and told to stop. */
  readonly started: string;
}

/** For one that does not start, or does not stop: what it has run until then is recorded when it can be. */
const PATIENCE_MS = 20_000;

const RECORDER = fileURLToPath(new URL('record-code-cache.cjs', import.meta.url));

/** Starts a command, and has it record the code cache of its bundle into `cacheFile` when it stops. */
export async function recordCodeCache(cacheFile: string, rehearsal: Rehearsal): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  try {
    for (const [name, text] of Object.entries(rehearsal.files)) writeFileSync(join(directory, name), text);
    await rehearse(directory, cacheFile, rehearsal);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function rehearse(directory: string, cacheFile: string, rehearsal: Rehearsal): Promise<void> {
  const command = spawn(rehearsal.launcher, rehearsal.arguments, {
    cwd: directory,
    // Nothing of the builder's surroundings (systemd, an emperor) is meant for it.
    env: {
      PATH: process.env['PATH'],
      XDG_RUNTIME_DIR: directory,
      NODE_OPTIONS: `--require=${RECORDER}`,
      EMPEROR_CODE_CACHE: cacheFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const deadline = setTimeout(() => command.kill('SIGKILL'), PATIENCE_MS);
  let said = '';
  let isStarted = false;
  const listen = (text: string): void => {
    said += text;
    if (isStarted || !said.includes(rehearsal.started)) return;
    isStarted = true;
    void visit(said).finally(() => command.kill('SIGINT'));
  };
  for (const output of [command.stdout, command.stderr]) output.setEncoding('utf8').on('data', listen);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  command.once('error', resolve).once('close', resolve);
  await ended;
  clearTimeout(deadline);
}

/** The first request belongs to what every start is followed by. */
async function visit(said: string): Promise<void> {
  const [, address] = /bound to TCP address (\S+)/.exec(said) ?? [];
  if (address === undefined) return;
  try {
    const response = await fetch(`http://${address}/`);
    await response.text();
  } catch {
    // It has ended. What it ran until then is recorded all the same.
  }
}
