import { type ConfigSource, formatDiagnostic, loadConfig } from '@emperor/config';
import { ExitCode, Instance, obeySignals, StartError } from '@emperor/instance';
import { NodeTransport } from '@emperor/transport';

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const source: ConfigSource = { argv, environment: process.env, workingDirectory: process.cwd(), scope: 'vassal' };
  const { config, diagnostics } = loadConfig(source);
  for (const diagnostic of diagnostics) complain(formatDiagnostic(diagnostic));
  if (config === undefined) return ExitCode.configuration;

  const instance = new Instance(source, new NodeTransport());
  obeySignals(instance);
  try {
    return await instance.run(config);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}

process.exit(await main(process.argv.slice(2)));
