import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { missingParts } from '../run/parts.ts';
import { chart } from './chart.ts';
import { type ConfigCheckResult, formatConfigCheck, measureConfigCheck } from './config-check.ts';
import { findParties } from './parties.ts';
import { report } from './report.ts';
import { rows } from './rows/all.ts';
import { type Effort, runRow, type RowResult } from './run-row.ts';
import { formatSummary } from './summary.ts';
import { formatTable } from './table.ts';
import { CONFIG_CHECK, usage } from './usage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    previous: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => name !== CONFIG_CHECK && !rows.some((row) => row.name === name));
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (unknown.length > 0) refuse(`${unknown.map((name) => `no row is called "${name}"`).join('\n')}\n${usage}`);
if (missingParts(['wrk']).length > 0) refuse('wrk makes the load, and is missing: apt-get install wrk');

const effort: Effort = {
  rounds: atLeastOne('rounds', values.rounds),
  seconds: atLeastOne('seconds', values.seconds),
  ...(values.previous === undefined ? {} : { previous: checkedCheckout(values.previous) }),
};
const parties = findParties();
process.stdout.write(`beside: ${parties.found.join(', ')}\n`);
if (parties.missing.length > 0) process.stdout.write(`left out, because missing: ${parties.missing.join(', ')}\n`);

const began = performance.now();
const results: RowResult[] = [];
const failed: string[] = [];
let configCheck: ConfigCheckResult[] = [];
for (const row of rows) {
  if (!(positionals.length === 0 ? row.isLong !== true : positionals.includes(row.name))) continue;
  try {
    const result = await runRow(row, effort, (line) => process.stderr.write(`${line}\n`));
    results.push(result);
    process.stdout.write(`\n${formatTable(result)}`);
  } catch (error) {
    failed.push(row.name);
    process.stdout.write(`\n${row.name}: failed: ${String(error)}\n`);
  }
  process.stderr.write(`${row.name}: done after ${minutesSince(began)} minutes\n`);
  save();
}
if (positionals.length === 0 || positionals.includes(CONFIG_CHECK)) {
  configCheck = measureConfigCheck(effort.rounds);
  process.stdout.write(`\n${formatConfigCheck(configCheck)}`);
  save();
}
process.stdout.write(`\n${formatSummary(results, failed)}`);
process.exit(failed.length === 0 ? 0 : 1);

function minutesSince(began: number): string {
  return ((performance.now() - began) / 60_000).toFixed(1);
}

/** After every row: a run that is ended early has brought something. */
function save(): void {
  if (values.svg !== undefined) writeFileSync(values.svg, chart(results));
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify(report({ effort, parties, results, failed, configCheck }), undefined, 2)}\n`,
    );
  }
}

function atLeastOne(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) refuse(`--${name} ${text}: a whole number from 1 is wanted`);
  return value;
}

function checkedCheckout(directory: string): string {
  const built = join(directory, 'apps/vassal/dist/main.js');
  if (!existsSync(built)) refuse(`--previous ${directory}: ${built} is missing; it takes a built checkout of ours`);
  return resolve(directory);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
