import { mkdirSync } from 'node:fs';

import { ask } from '../../rig/http-client.ts';
import type { Rig } from '../../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../../rig/subject.ts';
import { until } from '../../rig/until.ts';
import type { Figures, Row, Server } from '../row.ts';

const burstPerSecond = 500;
const singles = 30;

/** Each job writes how long it has waited, as a record of eight bytes. */
const app = `
import os, statistics, struct, time, uwsgi

LATENCIES = os.path.abspath('latencies')
RECORD = struct.Struct('<d')
open(LATENCIES, 'ab').close()

def work(job):
    with open(LATENCIES, 'ab', buffering=0) as latencies:
        latencies.write(RECORD.pack(time.time() - float(job[b'spooled'])))
    return uwsgi.SPOOL_OK

uwsgi.spooler = work

def spool():
    uwsgi.spool({b'spooled': repr(time.time()).encode()})

def burst(count):
    began = time.monotonic()
    for _ in range(count):
        spool()
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

async function round({ port }: Server, seconds: number): Promise<Figures> {
  const jobs = burstPerSecond * seconds;
  const before = await evaluate(port, 'count()');
  const began = performance.now();
  const handInSeconds = await evaluate(port, `burst(${jobs})`);
  await whenDone(port, before + jobs);
  const perSecond = (1000 * jobs) / (performance.now() - began);
  for (let single = 1; single <= singles; single++) {
    await evaluate(port, 'spool()or(0)');
    await whenDone(port, before + jobs + single);
  }
  return {
    jobsPerSecond: perSecond,
    acceptedPerSecond: jobs / handInSeconds,
    latencyMs: 1000 * (await evaluate(port, `median(${singles})`)),
  };
}

export const jobs: Row = {
  name: 'jobs',
  title: 'jobs of one process to one spooler: ours are on the disk (fsync) when spool() returns, uWSGI’s are not',
  contestants: [
    { name: 'ours', needs: [], start: (rig) => start(rig, 'ours', subject.vassal, subject.environment) },
    { name: 'uWSGI', needs: ['uwsgi'], start: (rig) => start(rig, 'uwsgi', ['uwsgi'], realUwsgiEnvironment) },
  ],
  columns: [
    { key: 'jobsPerSecond', title: 'jobs done/s', better: 'higher', decimals: 0, target: 1 },
    { key: 'acceptedPerSecond', title: 'accepted/s', better: 'higher', decimals: 0 },
    { key: 'latencyMs', title: 'spool() to start, ms', better: 'lower', decimals: 2 },
  ],
  round,
};
