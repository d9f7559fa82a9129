import { rows } from './rows/all.ts';

/** The row that has no peer, and no server. */
export const CONFIG_CHECK = 'config-check';

function names(isLong: boolean): string[] {
  return rows.filter((row) => (row.isLong === true) === isLong).map(({ name }) => name);
}

export const usage: string = `npm run bench -- [ROW…] [--rounds N] [--seconds N] [--previous DIR] [--json FILE] [--svg FILE]

Measures ours beside uWSGI, gunicorn and nginx, as far as they are installed: all are started, then take turns. A table for each row shows the
medians (± half of the distance between the lowest and the highest round, in percent), and for everything that is asked for whether it is
reached, missed, or too close to tell: some rounds reach it, others do not. The last lines say what was missed in the whole run.

  --rounds N      turns of everybody in each row (3)
  --seconds N     of load in each turn (2); latencies take at least ten
  --previous DIR  a built checkout of a former release takes part as "previous"
  --json FILE     all rounds, medians and verdicts
  --svg FILE      a chart of what is asked for beside the best peer

rows: ${[...names(false), CONFIG_CHECK].join(' ')}
rows that take minutes, run only when they are named: ${names(true).join(' ')}
`;
