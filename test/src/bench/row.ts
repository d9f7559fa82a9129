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

/** One who takes part in a row: ours, or a peer. `Subject` is what a round is about: a server that runs, unless the row says otherwise. */
export interface Contestant<Subject = Server> {
  readonly name: string;
  /** What must be installed. Where it is not, the contestant is named and left out. */
  readonly needs: readonly PartName[];
  /** Starts it in a directory of its own below the rig's; a server answers when this returns. */
  readonly start: (rig: Rig) => Promise<Subject>;
}

/** A figure that a row takes. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly decimals: number;
  /** The ratio of ours to the best peer that is asked for: at least where higher is better, else at most. */
  readonly target?: number;
  /** The figure of ours that is asked for, whatever the peers do: at least where higher is better, else at most. */
  readonly limit?: number;
}

export type Figures = Readonly<Record<string, number>>;

/** One line of work, done side by side. A file in `rows/` each; `rows/all.ts` lists them. */
export interface Row<Subject = Server> {
  /** By which it is chosen on the command line. */
  readonly name: string;
  readonly title: string;
  /** The first is ours. */
  readonly contestants: readonly Contestant<Subject>[];
  readonly columns: readonly Column[];
  /** Its rounds take a minute or more: there is only one, and only for those who ask for the row by its name. */
  readonly isLong?: boolean;
  /** Nothing gets warm in it: every round is a start. */
  readonly isCold?: boolean;
  /** Figures of a server before any load, if the row has such. */
  atRest?(subject: Subject): Figures;
  /** One round: load for so many seconds, and the figures of it. */
  round(subject: Subject, seconds: number): Promise<Figures>;
}

/** A row, whatever its rounds are about. */
export type AnyRow = Row<unknown>;
