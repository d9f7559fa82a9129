import type { VassalPlaces } from '../adoption/vassal-places.ts';
import type { EmperorEventListener } from '../events.ts';
import type { VassalHooks } from '../hooks/vassal-hooks.ts';
import type { ControlGroups } from '../limits/control-groups.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import type { ConnectionWatch } from '../on-demand/connection-watch.ts';
import type { HeldSocket } from '../on-demand/held-socket.ts';
import type { SocketStore } from '../on-demand/socket-store.ts';
import type { StartQueue } from './start-queue.ts';
import type { VassalLaunch } from './vassal-launch.ts';
import type { VassalPolicy } from './vassal-steps.ts';
import type { Vassal } from './vassal.ts';

/** Makes what to run of a file; `options` come after those that name the file. */
export type LaunchMaker = (
  file: VassalFile,
  id: string,
  socket: HeldSocket | undefined,
  options: readonly string[],
) => VassalLaunch;

/** What every vassal of an emperor shares. */
export interface VassalSurroundings {
  readonly policy: VassalPolicy;
  readonly startQueue: StartQueue;
  /** How to run it; `id` is unique in the machine and over time. */
  readonly launch: LaunchMaker;
  readonly sockets: SocketStore;
  readonly connections: () => ConnectionWatch;
  readonly places: VassalPlaces;
  readonly groups: ControlGroups;
  readonly hooks: VassalHooks;
  /** Those that have to be up before it starts, and are not. */
  readonly heldBackBy: (vassal: Vassal) => readonly string[];
  readonly report: EmperorEventListener;
  /** It is there; nothing has been done for it yet. */
  readonly onCreated: (vassal: Vassal) => void;
  /** It is gone for good. */
  readonly onRemoved: (vassal: Vassal) => void;
}
