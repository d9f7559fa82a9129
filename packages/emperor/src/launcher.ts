import type { VassalFile } from './monitor/vassal-file.ts';
import type { HeldSocket } from './on-demand/held-socket.ts';
import type { EmperorSettings } from './settings.ts';
import { configArguments, findProgram, spawnable, type VassalCommand } from './vassal/vassal-command.ts';
import { inheritedEnvironment, vassalEnvironment, type Environment } from './vassal/vassal-environment.ts';
import type { VassalLaunch } from './vassal/vassal-launch.ts';

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
export function vassalLauncher(
  settings: EmperorSettings,
  program: LaunchProgram,
): (file: VassalFile, id: string, socket: HeldSocket | undefined) => VassalLaunch {
  const { environment, output } = program;
  const inherited = inheritedEnvironment(environment);
  const command = commandOf(settings, program);
  // Only ours know how.
  const outlives = program.vassalsOutlive && !command.isForeign;
  const spawned = spawnable(command, findProgram('setpriv', environment['PATH'] ?? ''));
  return (file, id, socket) => ({
    file: spawned.file,
    arguments: [
      ...spawned.arguments,
      ...settings.argumentsBefore,
      ...configArguments(file.argument),
      ...settings.argumentsAfter,
    ],
    environment: vassalEnvironment(inherited, {
      controlSocket: program.controlSocket(id),
      socketAddress: socket?.address,
      outlives,
    }),
    workingDirectory: file.workingDirectory,
    output,
    socket: socket?.descriptor,
    outlives,
    isForeign: command.isForeign,
  });
}

function commandOf({ wrapper }: EmperorSettings, { vassalCommand }: LaunchProgram): VassalCommand {
  const [file, ...rest] = wrapper;
  return file === undefined ? vassalCommand : { file, arguments: rest, isForeign: true };
}
