import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { findTests } from './run/find-tests.ts';
import { missingParts } from './run/parts.ts';

/** A test that hangs is ended after this time; the slowest takes a few seconds. */
const testTimeoutMs = 60_000;

/** End-to-end tests mostly wait for processes that start: two at a time keep two cores busy without starving each other. */
const concurrency = 2;

const missing = missingParts();
for (const part of missing)
  process.stderr.write(`${part.name} is missing (Debian package ${part.debianPackage}): its tests are skipped\n`);
if (missing.length > 0 && process.env['CI'] === 'true') {
  process.stderr.write('with CI=true nothing may be missing\n');
  process.exit(1);
}

const files = findTests(process.argv.slice(2));
if (files.length === 0) {
  process.stderr.write(`no test file has one of ${process.argv.slice(2).join(', ')} in its path\n`);
  process.exit(1);
}
const flags = [
  '--test',
  '--test-reporter=spec',
  `--test-concurrency=${concurrency}`,
  `--test-timeout=${testTimeoutMs}`,
];
const runner = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal));
const [code] = (await once(runner, 'exit')) as [number | null];
process.exitCode = code ?? 1;
