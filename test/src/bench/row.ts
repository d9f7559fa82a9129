import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import type { PartName } from '../run/parts.ts';

/** A running server that is measured. */
export interface Server {
  readonly port: number;
  /** The root of its processes. */
  readonly program: Program;
  /** Roots of others that take part in each answer: what stands behind it. */
  readonly behind?: readonly Program[];
  /** It speaks TLS. */
  readonly secure?: boolean;
}

/** One who takes part in a row: ours, or a peer. */
export interface Contestant {
  readonly name: string;
  /** What must be installed. Where it is not, the contestant is named and left out. */
  readonly needs: readonly PartName[];
  /** Starts it in a directory of its own below the rig's; it answers when this returns. */
  readonly start: (rig: Rig) => Promise<Server>;
}

/** A figure that a row takes. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly decimals: number;
  /** The ratio of ours to the best peer that is asked for: at least where higher is better, else at most. */
  readonly target?: number;
}

export type Figures = Readonly<Record<string, number>>;

/** One line of work, done side by side. A file in `rows/` each; `rows/all.ts` lists them. */
export interface Row {
  /** By which it is chosen on the command line. */
  readonly name: string;
  readonly title: string;
  /** The first is ours. */
  readonly contestants: readonly Contestant[];
  readonly columns: readonly Column[];
  /** Figures of a server before any load, if the row has such. */
  readonly atRest?: (server: Server) => Figures;
  /** One round: load for so many seconds, and the figures of it. */
  readonly round: (server: Server, seconds: number) => Promise<Figures>;
}
