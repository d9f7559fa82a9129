import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

import { findProgram } from '@emperor/posix';

import type { VassalFile } from './monitor/vassal-file.ts';
import type { EmperorSettings } from './settings.ts';
import { configArguments, isProgram, spawnable, splitCommand, type VassalCommand } from './vassal/vassal-command.ts';
import {
  inheritedEnvironment,
  vassalEnvironment,
  type Environment,
  type VassalFacts,
} from './vassal/vassal-environment.ts';
import type { VassalLaunch } from './vassal/vassal-launch.ts';
import type { LaunchMaker } from './vassal/vassal-surroundings.ts';

/** What the program that becomes the emperor decides about its vassals. */
export interface LaunchProgram {
  /** Runs a vassal, unless the configuration names a wrapper. */
  readonly vassalCommand: VassalCommand;
  readonly output: VassalLaunch['output'];
  /** Whether vassals of ours go on without the emperor. */
  readonly vassalsOutlive: boolean;
  readonly environment: Environment;
  /** Path of the control socket of a vassal. */
  readonly controlSocket: (id: string) => string;
}

/** Makes what to run of a file, `uwsgi --ini NAME` like (UWSGI-FACTS 13.2). */
export function vassalLauncher(settings: EmperorSettings, program: LaunchProgram): LaunchMaker {
  const { environment, output } = program;
  const inherited = inheritedEnvironment(environment);
  const command = commandOf(settings, program);
  // Only ours know how.
  const outlives = program.vassalsOutlive && !command.isForeign;
  const spawned = spawnable(command, findProgram('setpriv', environment['PATH'] ?? ''));
  return (file, id, socket, options) => ({
    name: file.name,
    file: spawned.file,
    arguments: [
      ...spawned.arguments,
      ...settings.argumentsBefore,
      ...configArguments(file.argument),
      ...options,
      ...settings.argumentsAfter,
    ],
    environment: vassalEnvironment(
      { ...inherited, ...vassalsDirectory(file) },
      {
        controlSocket: program.controlSocket(id),
        socketAddress: socket?.address,
        // Of a link's owner nothing follows for the file.
        fileOwner: settings.tyrant === 'follow' ? fileOwner(file) : undefined,
        outlives,
      },
    ),
    workingDirectory: file.workingDirectory,
    output,
    socket: socket?.descriptor,
    user: file.owner,
    confinement: settings.confinement,
    outlives,
    isForeign: command.isForeign,
    startHook: settings.hooks.start,
    group: undefined,
  });
}

/** As uWSGI's emperor tells it, when it watches a directory. */
export function vassalsDirectory({ monitor, workingDirectory }: VassalFile): Environment {
  return monitor === workingDirectory ? { UWSGI_VASSALS_DIR: workingDirectory } : {};
}

/** The path as the vassal finds it, whose working directory has no links in its name. */
function fileOwner({ argument, workingDirectory, owner }: VassalFile): VassalFacts['fileOwner'] {
  if (owner === undefined) return undefined;
  return { path: resolve(withoutLinks(workingDirectory), argument), uid: owner.uid };
}

function withoutLinks(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    // Gone: the launch will say so.
    return directory;
  }
}

/** The first command that is there. The ordinary one, when none is: its absence is then a failure that names it. */
function commandOf({ wrappers }: EmperorSettings, { vassalCommand, environment }: LaunchProgram): VassalCommand {
  const ordinary = wrappers.ordinary === undefined ? vassalCommand : foreign(wrappers.ordinary);
  const candidates = [...wrappers.overrides.map(foreign), ordinary, ...wrappers.fallbacks.map(foreign)];
  return candidates.find(({ file }) => isProgram(file, environment['PATH'] ?? '')) ?? ordinary;
}

function foreign(command: string): VassalCommand {
  const [file = '', ...words] = splitCommand(command);
  return { file, arguments: words, isForeign: true };
}
