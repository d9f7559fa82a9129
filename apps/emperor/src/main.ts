import { fileURLToPath } from 'node:url';

import { formatDiagnostic, loadConfig } from '@emperor/config';
import { runEmperor, type VassalCommand } from '@emperor/emperor';

const CONFIGURATION_ERROR = 1;

/** Our own vassal, through its launcher: that knows which Node, and with which settings. */
function ownVassal(): VassalCommand {
  const launcher = new URL('bin/vassal', import.meta.resolve('@emperor/vassal-app/package.json'));
  return { file: fileURLToPath(launcher), arguments: [], isForeign: false };
}

async function main(argv: readonly string[]): Promise<number> {
  const environment = process.env;
  const workingDirectory = process.cwd();
  const { config, diagnostics, exitCode } = loadConfig({ argv, environment, workingDirectory, scope: 'emperor' });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  if (config === undefined) return exitCode ?? CONFIGURATION_ERROR;
  return runEmperor(config, { vassalCommand: ownVassal(), logStyle: 'structured', environment, workingDirectory });
}

process.exit(await main(process.argv.slice(2)));
