import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { subject } from '../rig/subject.ts';
import { median } from './statistics.ts';

/** Sizes of the files; the time per line must not grow with them. */
const LINES = [1000, 10_000, 100_000] as const;

export interface ConfigCheckResult {
  readonly lines: number;
  /** Median time of the whole process, in milliseconds. */
  readonly milliseconds: number;
}

function configuration(lines: number): string {
  const body = Array.from({ length: lines - 3 }, (_, index) => `env = NAME_${index}=value of %(name) number ${index}`);
  return ['[uwsgi]', 'name = a variable', 'http-socket = 127.0.0.1:8000', ...body, ''].join('\n');
}

/** How long `vassal check` takes for long files, as a whole process: it has no peer, but must stay quick and grow linearly. */
export function measureConfigCheck(rounds: number): ConfigCheckResult[] {
  const directory = mkdtempSync(join(tmpdir(), 'bench-config-'));
  const [program = '', ...args] = subject.vassal;
  try {
    return LINES.map((lines) => {
      const file = join(directory, `${lines}.ini`);
      writeFileSync(file, configuration(lines));
      const times = Array.from({ length: rounds }, () => {
        const begin = performance.now();
        spawnSync(program, [...args, 'check', file], { stdio: 'ignore' });
        return performance.now() - begin;
      });
      return { lines, milliseconds: median(times) };
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function formatConfigCheck(results: readonly ConfigCheckResult[]): string {
  const lines = results.map(
    ({ lines, milliseconds }) =>
      `${String(lines).padStart(8)} lines  ${milliseconds.toFixed(0).padStart(6)} ms  ${((milliseconds * 1000) / lines).toFixed(1).padStart(6)} µs/line`,
  );
  return ['config-check: vassal check FILE as a whole process', ...lines, ''].join('\n');
}
