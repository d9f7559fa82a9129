import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { missingParts } from '../run/parts.ts';
import { chart } from './chart.ts';
import { type ConfigCheckResult, formatConfigCheck, measureConfigCheck } from './config-check.ts';
import { rows } from './rows/all.ts';
import { runRow, type RowResult } from './run-row.ts';
import { formatTable } from './table.ts';

const CONFIG_CHECK = 'config-check';
const usage = `npm run bench -- [ROW…] [--rounds N] [--seconds N] [--json FILE] [--svg FILE]
rows: ${[...rows.map((row) => row.name), CONFIG_CHECK].join(' ')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
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

const effort = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const chosen = rows.filter((row) => positionals.length === 0 || positionals.includes(row.name));
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
    rows: results.map(({ row: { name, title }, results, absent }) => ({ name, title, results, absent })),
  };
}
