import { timesBest } from '../asks.ts';
import { mkdirSync } from 'node:fs';

import { ask } from '../../rig/http-client.ts';
import type { Rig } from '../../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../../rig/subject.ts';
import { until } from '../../rig/until.ts';
import type { Figures, Row, Server } from '../row.ts';

const burstPerSecond = 500;
const singles = 30;
/** Threads that hand in jobs at the same time, as the workers of a busy site do. */
const producers = 16;

/** Each job writes how long it has waited, as a record of eight bytes. */
const app = `
import os, statistics, struct, threading, time, uwsgi

IS_SYNCED = 'SYNC_JOBS' in os.environ
LATENCIES = os.path.abspath('latencies')
RECORD = struct.Struct('<d')
open(LATENCIES, 'ab').close()

def work(job):
    with open(LATENCIES, 'ab', buffering=0) as latencies:
        latencies.write(RECORD.pack(time.time() - float(job[b'spooled'])))
    return uwsgi.SPOOL_OK

uwsgi.spooler = work

def sync(path):
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # it has been run already
        return
    os.fsync(descriptor)
    os.close(descriptor)

def spool():
    path = uwsgi.spool({b'spooled': repr(time.time()).encode()})
    if IS_SYNCED:
        sync(path)
        sync(os.path.dirname(path))

def hand_in(count):
    for _ in range(count):
        spool()

def burst(count, producers):
    began = time.monotonic()
    threads = [threading.Thread(target=hand_in, args=(count // producers,)) for _ in range(producers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began

def count():
    return os.path.getsize(LATENCIES) // RECORD.size

def median(last):
    with open(LATENCIES, 'rb') as latencies:
        latencies.seek(-last * RECORD.size, 2)
        return statistics.median(value for value, in RECORD.iter_unpack(latencies.read()))

def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [repr(eval(environ['PATH_INFO'][1:])).encode()]
`;

async function evaluate(port: number, expression: string): Promise<number> {
  return Number((await ask(port, `GET /${expression}`)).body.toString());
}

async function start(
  rig: Rig,
  name: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Server> {
  mkdirSync(rig.path(name));
  rig.write(`${name}/app.py`, app);
  const port = await rig.port();
  const program = await rig.start(
    [
      ...command,
      '--master',
      '--disable-logging',
      '--enable-threads',
      '--http-socket',
      `127.0.0.1:${port}`,
      '--module',
      'app',
      '--spooler',
      'jobs',
      '--spooler-quiet',
    ],
    { workingDirectory: name, environment },
  );
  await until(`${name} answers`, () =>
    evaluate(port, 'count()').then(
      () => true,
      () => false,
    ),
  );
  return { port, program };
}

async function whenDone(port: number, total: number): Promise<void> {
  await until(`${total} jobs are done`, async () => (await evaluate(port, 'count()')) >= total, 120_000);
}

/** Jobs that were handed in, or done, per second. */
interface Speed {
  readonly accepted: number;
  readonly done: number;
}

async function burst(port: number, jobs: number, threads: number): Promise<Speed> {
  const before = await evaluate(port, 'count()');
  const began = performance.now();
  const handInSeconds = await evaluate(port, `burst(${jobs},${threads})`);
  await whenDone(port, before + jobs);
  return { accepted: jobs / handInSeconds, done: (1000 * jobs) / (performance.now() - began) };
}

async function round({ port }: Server, seconds: number): Promise<Figures> {
  const jobs = Math.floor((burstPerSecond * seconds) / producers) * producers;
  const one = await burst(port, jobs, 1);
  const many = await burst(port, jobs, producers);
  const before = await evaluate(port, 'count()');
  for (let single = 1; single <= singles; single++) {
    await evaluate(port, 'spool()or(0)');
    await whenDone(port, before + single);
  }
  return {
    jobsPerSecond: one.done,
    acceptedPerSecond: one.accepted,
    manyPerSecond: many.done,
    latencyMs: 1000 * (await evaluate(port, `median(${singles})`)),
  };
}

export const jobs: Row = {
  name: 'jobs',
  title:
    'jobs of one process to one spooler: ours are on the disk (fsync) when spool() returns, uWSGI’s when the app sees to that itself',
  contestants: [
    { name: 'ours', needs: [], start: (rig) => start(rig, 'ours', subject.vassal, subject.environment) },
    { name: 'uWSGI', needs: ['uwsgi'], start: (rig) => start(rig, 'uwsgi', ['uwsgi'], realUwsgiEnvironment) },
    {
      name: 'uWSGI + fsync',
      needs: ['uwsgi'],
      start: (rig) => start(rig, 'synced', ['uwsgi'], { ...realUwsgiEnvironment, SYNC_JOBS: '1' }),
    },
  ],
  columns: [
    { key: 'jobsPerSecond', title: 'jobs done/s', better: 'higher', decimals: 0, asks: [timesBest(1)] },
    { key: 'acceptedPerSecond', title: 'accepted/s', better: 'higher', decimals: 0 },
    {
      key: 'manyPerSecond',
      title: `${producers} producers, done/s`,
      better: 'higher',
      decimals: 0,
      asks: [timesBest(1)],
    },
    { key: 'latencyMs', title: 'spool() to start, ms', better: 'lower', decimals: 2 },
  ],
  round,
};
