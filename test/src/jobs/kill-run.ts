import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { ask } from '../rig/http-client.ts';
import type { ProcessEntry } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { DirectoryLook, RedisLook } from './queue-look.ts';

/** Each job writes its number behind what others have written; then, sometimes, it is killed before anybody hears of it. */
const app = `
import os, uwsgi

def work(job):
    with open(os.environ['DONE'], 'ab', buffering=0) as done:
        done.write(job[b'number'] + b'\\n')
    return uwsgi.SPOOL_OK

uwsgi.spooler = work

def application(environ, start_response):
    path = uwsgi.spool({b'number': environ['QUERY_STRING'].encode()})
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [path]
`;

/** Who may be killed, and how its processes are told. */
const victims = {
  spooler: /^uWSGI spooler /,
  worker: /^uWSGI worker /,
  zygote: /^uWSGI zygote/,
  vassal: /vassal.*uwsgi\.ini|^uWSGI master/,
  emperor: /emperor/,
} as const;
type Victim = keyof typeof victims;

/** Each as often as it stands here. */
const turns: readonly Victim[] = ['spooler', 'spooler', 'worker', 'worker', 'zygote', 'vassal', 'emperor'];
/** The emperor lets a vassal that dies again and again wait, longer each time; that is not what is tried here. */
const vassalRestMs = 6000;

export interface KillRunOptions {
  readonly rig: Rig;
  readonly jobs: number;
  /** Mean pause between two kills. */
  readonly pauseMs: number;
  /** Of the Redis that keeps the jobs; without it a directory does. */
  readonly url?: string;
  readonly note: (line: string) => void;
}

export interface KillRunResult {
  readonly acknowledged: number;
  /** Acknowledged, and never run. */
  readonly lost: readonly string[];
  /** Runs beyond the first of a job. */
  readonly repeats: number;
  /** Given up in the end. */
  readonly dead: number;
  readonly kills: Readonly<Record<string, number>>;
}

/** Hands in jobs while processes of every kind are killed at random, and counts what became of them. */
export async function runKills(options: KillRunOptions): Promise<KillRunResult> {
  const { rig, jobs, note, url } = options;
  const port = await rig.port();
  rig.write('app.py', app);
  rig.write(
    'uwsgi.ini',
    [
      '[uwsgi]',
      'master = true',
      `http-socket = 127.0.0.1:${port}`,
      'module = app',
      'processes = 2',
      'auto-procname = true',
      'disable-logging = true',
      'spooler-quiet = true',
      `spooler = ${url ?? 'jobs'}`,
      'spooler-processes = 2',
      'spooler-frequency = 1',
      `env = DONE=${rig.path('done')}`,
      '',
    ].join('\n'),
  );
  let emperor = await rig.emperor('*.ini');
  const restart = async (): Promise<void> => {
    emperor = await rig.emperor('*.ini');
    // It has the vassal in hand from here on: what it stops, it stops with it.
    await emperor.log.waitFor(/adopted vassal uwsgi\.ini |vassal uwsgi\.ini is ready/, 0, startMs);
  };
  const kills: Record<string, number> = {};
  const over = new AbortController();
  const killing = killAtRandom(options, kills, over.signal, () => emperor, restart);
  const acknowledged = await handIn(port, jobs, note);
  over.abort();
  await killing;
  const done = (): string[] => linesOf(rig.path('done'));
  await using queue = url === undefined ? new DirectoryLook(rig) : new RedisLook(url);
  await until('every acknowledged job has run', async () => (await queue.waiting()) === 0, 120_000).catch(
    (error: unknown) => note(String(error)),
  );
  const runs = done();
  const distinct = new Set(runs);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((number) => !distinct.has(number)),
    repeats: runs.length - distinct.size,
    dead: await queue.dead(),
    kills,
  };
}

/** Time the emperor and its vassal may take to start where all else wants the same two cores. */
const startMs = 40_000;

/** Time to hand in so many, later restarts of the server included. */
function handInMs(jobs: number): number {
  return 10_000 + 30 * jobs;
}

/** @returns the numbers of the jobs that were acknowledged */
async function handIn(port: number, jobs: number, note: (line: string) => void): Promise<string[]> {
  const acknowledged: string[] = [];
  // The time counts from the first answer: a busy machine takes long to start anything.
  let deadline = performance.now() + startMs;
  let isServed = false;
  for (let number = 0; acknowledged.length < jobs && performance.now() < deadline; number++) {
    const answer = await ask(port, `GET /?${number}`).catch(() => undefined);
    if (answer?.status === 200) {
      acknowledged.push(String(number));
      if (!isServed) deadline = performance.now() + handInMs(jobs);
      isServed = true;
    }
    // The server is being started again.
    else await pause(20);
    if (number % 1000 === 999) note(`${number + 1} jobs handed in, ${acknowledged.length} acknowledged`);
  }
  return acknowledged;
}

async function killAtRandom(
  { rig, pauseMs }: KillRunOptions,
  kills: Record<string, number>,
  over: AbortSignal,
  emperor: () => Program,
  restart: () => Promise<void>,
): Promise<void> {
  let vassalKilledAt = -vassalRestMs;
  while (!over.aborted) {
    await pause(2 * pauseMs * Math.random(), undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const kind = turns[Math.floor(Math.random() * turns.length)] ?? 'worker';
    if (kind === 'vassal' && performance.now() - vassalKilledAt < vassalRestMs) continue;
    const candidates = rig.processes().filter((entry) => isVictim(kind, entry, emperor().pid));
    const chosen = candidates[Math.floor(Math.random() * candidates.length)];
    if (chosen === undefined) continue;
    if (kind === 'vassal') vassalKilledAt = performance.now();
    kills[kind] = (kills[kind] ?? 0) + 1;
    try {
      process.kill(chosen.pid, 'SIGKILL');
    } catch {
      continue; // it was quicker
    }
    if (kind !== 'emperor') continue;
    await emperor().exited;
    await restart();
  }
}

function isVictim(kind: Victim, { pid, commandLine }: ProcessEntry, emperorPid: number): boolean {
  if (kind === 'emperor') return pid === emperorPid;
  return pid !== emperorPid && victims[kind].test(commandLine);
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'latin1').trim().split('\n') : [];
}
