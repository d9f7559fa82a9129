import { fileURLToPath } from 'node:url';

import { type Config, type ConfigSource, formatDiagnostic, loadConfig, showConfig } from '@emperor/config';

import { answer } from './commands.ts';
import { daemonize } from './daemonize.ts';
import { runInstance } from './run-instance.ts';
import { signalByPidfile } from './signal-pidfile.ts';

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `vassal --emperor "*.ini"`: this process becomes the emperor, and runs this program for every file. */
async function becomeEmperor(config: Config, source: ConfigSource): Promise<number> {
  // Its libraries would double the memory of every vassal.
  const { runEmperor } = await import('@emperor/emperor');
  return runEmperor(config, {
    vassalCommand: { file: fileURLToPath(new URL('../bin/vassal', import.meta.url)), arguments: [], isForeign: false },
    logStyle: 'uwsgi',
    environment: source.environment,
    workingDirectory: source.workingDirectory,
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const surroundings = { environment: process.env, workingDirectory: process.cwd() };
  const answered = await answer(argv, surroundings);
  if (answered !== undefined) {
    process.stdout.write(answered.text);
    return answered.exitCode;
  }
  const source: ConfigSource = { argv, ...surroundings, scope: 'vassal' };
  const { config, diagnostics, exitCode } = loadConfig(source);
  for (const diagnostic of diagnostics) complain(formatDiagnostic(diagnostic));
  if (config === undefined) return exitCode ?? 1;
  if (config.options['show-config']) complain(showConfig(config));
  const signalled = signalByPidfile(config, complain);
  if (signalled !== undefined) return signalled;
  if (daemonize(config)) return 0;
  if (config.options.emperor.length > 0) return becomeEmperor(config, source);
  return runInstance(config, diagnostics, source, complain);
}

void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
