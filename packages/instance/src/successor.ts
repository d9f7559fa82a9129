import { type Config, type ConfigSource, formatDiagnostic, loadConfig } from '@emperor/config';

import { completed } from './app-events.ts';
import { Generation, type GenerationContext } from './generation.ts';
import { abandon, type InstanceSockets, type Replacement } from './instance-sockets.ts';
import { checkJail, namedFromOutside } from './start/jail.ts';
import { StartError } from './start-error.ts';
import { enterWorkingDirectory, workingDirectoryOf } from './working-directory.ts';

/** Everything a reload needs to switch; until it does, nothing has changed. */
export interface Successor {
  readonly generation: Generation;
  readonly sockets: Replacement;
}

/**
 * Makes the next generation from the configuration as it is now, up to workers that are ready (DESIGN section 5).
 * @throws StartError that says why there is none
 */
export async function prepareSuccessor(
  predecessor: Generation | undefined,
  source: ConfigSource,
  instanceSockets: InstanceSockets,
  context: GenerationContext,
): Promise<Successor> {
  const { log } = context;
  const config = readAgain(source, context);
  log.line('binary reloading uWSGI...');
  for (const notice of config.notices) log.line(notice);
  enterWorkingDirectory(config, source.workingDirectory, log.line);
  const sockets = await instanceSockets.prepare(config);
  let generation: Generation | undefined;
  try {
    generation = new Generation(config, workingDirectoryOf(config, source.workingDirectory), context, predecessor);
    const { app } = generation;
    await generation.prepare();
    await completed(app?.boot());
    await completed(app?.load());
    if (app?.hasApp === false && predecessor?.app?.hasApp === true) throw new StartError('the new code does not load');
    await app?.spawn();
    return { generation, sockets };
  } catch (error) {
    await generation?.stop();
    abandon(sockets);
    throw error;
  }
}

function readAgain(source: ConfigSource, { log, figures }: GenerationContext): Config {
  const { config, diagnostics } = loadConfig({ ...source, isReload: true });
  figures.configProblems = diagnostics.length;
  for (const diagnostic of diagnostics) log.line(formatDiagnostic(diagnostic));
  if (config === undefined) throw new StartError('the configuration has errors');
  checkJail(config);
  return namedFromOutside(config);
}
