import { parseArgs } from 'node:util';

import { missingParts } from '../run/parts.ts';
import { runScenario } from './run-scenario.ts';
import { scenarios } from './scenarios/all.ts';

const usage = `npm run soak -- NAME… [--seconds N]
${scenarios.map(({ name, title, seconds }) => `  ${name.padEnd(20)}${title} (${seconds} s)\n`).join('')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (values.help || unknown.length > 0 || positionals.length === 0) {
  process.stderr.write(`${unknown.map((name) => `no scenario is called "${name}"\n`).join('')}${usage}`);
  process.exit(values.help ? 0 : 1);
}

for (const scenario of scenarios.filter(({ name }) => positionals.includes(name))) {
  const missing = missingParts(scenario.parts ?? []);
  if (scenario.parts !== undefined && missing.length > 0) {
    process.stderr.write(
      `${scenario.name}: ${missing.map((part) => `${part.name} is missing (${part.debianPackage})`).join(', ')}\n`,
    );
    process.exitCode = 1;
    continue;
  }
  const seconds = values.seconds === undefined ? scenario.seconds : Number(values.seconds);
  process.stdout.write(`${scenario.name}: ${scenario.title}, ${seconds} s\n`);
  const { figures, problems } = await runScenario(scenario, seconds, (line) => process.stderr.write(`  ${line}\n`));
  for (const [what, figure] of Object.entries(figures)) process.stdout.write(`  ${what.padEnd(44)}${figure}\n`);
  for (const problem of problems) process.stdout.write(`  PROBLEM ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
// Whatever a scenario that failed has left waiting, it is over.
process.exit();
