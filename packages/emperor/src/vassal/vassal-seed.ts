import type { ResourceLimits } from '../limits/resource-limits.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import type { SocketWish } from '../on-demand/socket-wish.ts';

/** What a vassal grows from. */
export interface VassalSeed {
  readonly file: VassalFile;
  /** The socket that is to be held for it. */
  readonly wish: SocketWish | undefined;
  /** Names of vassals that have to be up before it starts. */
  readonly after: readonly string[];
  readonly limits: ResourceLimits;
}
