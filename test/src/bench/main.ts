import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { missingParts } from '../run/parts.ts';
import { chart } from './chart.ts';
import { type ConfigCheckResult, formatConfigCheck, measureConfigCheck } from './config-check.ts';
import { rows } from './rows/all.ts';
import { type Effort, runRow, type RowResult } from './run-row.ts';
import { formatTable } from './table.ts';

const CONFIG_CHECK = 'config-check';
const usage = `npm run bench -- [ROW…] [--rounds N] [--seconds N] [--previous DIR] [--json FILE] [--svg FILE]
rows: ${[...rows.filter((row) => row.isLong !== true).map((row) => row.name), CONFIG_CHECK].join(' ')}
rows that take minutes, run only when they are named: ${rows
  .filter((row) => row.isLong === true)
  .map((row) => row.name)
  .join(' ')}
DIR: a built checkout of a former release, which takes part as "previous"
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    previous: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => name !== CONFIG_CHECK && !rows.some((row) => row.name === name));
if (values.help || unknown.length > 0) {
  process.stderr.write(`${unknown.map((name) => `no row is called "${name}"\n`).join('')}${usage}`);
  process.exit(values.help ? 0 : 1);
}
if (missingParts(['wrk']).length > 0) {
  process.stderr.write('wrk makes the load, and is missing: apt-get install wrk\n');
  process.exit(1);
}

const effort: Effort = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  ...(values.previous === undefined ? {} : { previous: checkedCheckout(values.previous) }),
};
const chosen = rows.filter((row) => (positionals.length === 0 ? row.isLong !== true : positionals.includes(row.name)));
const results: RowResult[] = [];
for (const row of chosen) {
  const result = await runRow(row, effort, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`\n${formatTable(result)}`);
  results.push(result);
}
let configCheck: ConfigCheckResult[] = [];
if (positionals.length === 0 || positionals.includes(CONFIG_CHECK)) {
  configCheck = measureConfigCheck(effort.rounds);
  process.stdout.write(`\n${formatConfigCheck(configCheck)}`);
}
if (values.svg !== undefined) writeFileSync(values.svg, chart(results));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report(), undefined, 2)}\n`);

function report(): unknown {
  return {
    date: new Date().toISOString(),
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version },
    effort,
    configCheck,
    rows: results.map(({ row: { name, title }, ours, peers, previous, absent }) => ({
      name,
      title,
      ours,
      peers,
      previous,
      absent,
    })),
  };
}

function checkedCheckout(directory: string): string {
  const built = join(directory, 'apps/vassal/dist/main.js');
  if (!existsSync(built)) {
    process.stderr.write(`--previous ${directory}: ${built} is missing; it takes a built checkout of ours\n`);
    process.exit(1);
  }
  return resolve(directory);
}
