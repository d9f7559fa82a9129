import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { formatDiagnostic, loadConfig } from '@emperor/config';
import { runEmperor, type VassalCommand } from '@emperor/emperor';

import { runCommand } from './commands.ts';
import { usage } from './usage.ts';

const CONFIGURATION_ERROR = 1;

/** Of this program: it knows which Node, and with which settings. */
const OWN_LAUNCHER = fileURLToPath(new URL('../bin/emperor', import.meta.url));

/** Our own vassal, through its launcher: that knows which Node, and with which settings. */
function ownVassal(): VassalCommand {
  const manifest = createRequire(import.meta.url).resolve('@emperor/vassal-app/package.json');
  return { file: join(dirname(manifest), 'bin/vassal'), arguments: [], isForeign: false };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const environment = process.env;
  const workingDirectory = process.cwd();
  const answered = await runCommand(argv, { environment, workingDirectory, output: process.stdout });
  if (answered !== undefined) return answered;
  const { config, diagnostics, exitCode } = loadConfig({ argv, environment, workingDirectory, scope: 'emperor' });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  if (config === undefined) return exitCode ?? CONFIGURATION_ERROR;
  if (config.options.help !== undefined) return print(usage());
  if (config.options.version) return print(`emperor ${packageVersion()}\n`);
  // Memory before speed: the emperor waits most of the time (500 vassals, scraped: 53 MB with it, 75 MB without). Not a flag of the command line: with that,
  // Node compiles its own modules anew at each start.
  process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
  return runEmperor(config, {
    vassalCommand: ownVassal(),
    logStyle: 'structured',
    environment,
    workingDirectory,
    self: { file: OWN_LAUNCHER, arguments: argv },
  });
}

void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
