/** A document of the stats server, as JSON has it. */
export type Fields = Readonly<Record<string, unknown>>;

/** What `uwsgitop` shows of one worker, or of one core under it. */
export type Row = readonly string[];

/** The screen of `uwsgitop`: two lines about the instance, and a row for each worker and each core that was used. */
export interface Screen {
  readonly title: string;
  readonly node: string;
  readonly rows: readonly Row[];
}

const UNITS = ['', 'K', 'M', 'G'] as const;

/** Reads exactly the fields that `uwsgitop` (0.11) reads, of the types it formats. @throws TypeError where it would stop */
export function topScreen(document: Fields): Screen {
  const workers = list(document, 'workers').toSorted((a, b) => number(b, 'requests') - number(a, 'requests'));
  const total = workers.reduce((sum, worker) => sum + number(worker, 'requests'), 0);
  const sent = workers.reduce((sum, worker) => sum + number(worker, 'tx'), 0);
  return {
    title: `uwsgi-${word(document, 'version')} req: ${total} lq: ${number(document, 'listen_queue')} tx: ${size(sent)}`,
    node: `cwd: ${word(document, 'cwd')} uid: ${number(document, 'uid')} gid: ${number(document, 'gid')} masterpid: ${number(document, 'pid')}`,
    rows: workers.flatMap((worker) => [workerRow(worker, total)].concat(coreRows(worker))),
  };
}

/** WID REQ % PID EXC SIG STATUS AVG RSS VSZ TX ReSpwn HC RunT LastSpwn */
function workerRow(worker: Fields, total: number): Row {
  const requests = number(worker, 'requests');
  return [
    String(number(worker, 'id')),
    String(requests),
    (total === 0 ? 0 : (100 * requests) / total).toFixed(1),
    String(number(worker, 'pid')),
    String(number(worker, 'exceptions')),
    String(number(worker, 'signals')),
    word(worker, 'status'),
    `${Math.floor(number(worker, 'avg_rt') / 1000)}ms`,
    size(number(worker, 'rss')),
    size(number(worker, 'vsz')),
    size(number(worker, 'tx')),
    String(number(worker, 'respawn_count')),
    String(number(worker, 'harakiri_count')),
    String(number(worker, 'running_time') / 1000),
    new Date(number(worker, 'last_spawn') * 1000).toISOString(),
  ];
}

/** :ID REQ STATUS, of those that have had requests */
function coreRows(worker: Fields): Row[] {
  return list(worker, 'cores')
    .filter((core) => number(core, 'requests') > 0)
    .map((core) => [
      `:${number(core, 'id')}`,
      String(number(core, 'requests')),
      number(core, 'in_request') === 1 ? 'busy' : 'idle',
    ]);
}

function size(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)}${UNITS[unit]}`;
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number') throw new TypeError(`"${name}" should be a number, and is ${JSON.stringify(value)}`);
  return value;
}

function word(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new TypeError(`"${name}" should be a text, and is ${JSON.stringify(value)}`);
  return value;
}

function list(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new TypeError(`"${name}" should be a list, and is ${JSON.stringify(value)}`);
  return value as readonly Fields[];
}
