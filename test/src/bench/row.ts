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
  /** Shows what the measurement itself costs: nobody is compared with it. */
  readonly isGauge?: boolean;
}

/** A figure that a row takes. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly decimals: number;
  /** What DESIGN section 6 and issue 11 ask for. */
  readonly asks?: readonly Ask[];
}

/** What is asked of a figure of ours: at least so much where higher is better, else at most. */
export interface Ask {
  /** How many times the peer's figure, where `of` names one; else the figure itself. */
  readonly wanted: number;
  /** The peer that is meant, by its name. */
  readonly of?: string | typeof BEST_PEER;
  /** Beyond what must be reached. */
  readonly isGoal?: boolean;
  /** One bad round is a miss: nothing fails now and then. */
  readonly inEveryRound?: boolean;
}

/** Whoever has the best figure. */
export const BEST_PEER: unique symbol = Symbol('the best peer');

/** By the key of their column. What a contestant does not have is left out. */
export type Figures = Readonly<Record<string, number>>;

/** One line of work, done side by side. A file in `rows/` each; `rows/all.ts` lists them. */
export interface Row<Subject = Server> {
  /** By which it is chosen on the command line. */
  readonly name: string;
  readonly title: string;
  /** The first is ours. */
  readonly contestants: readonly Contestant<Subject>[];
  readonly columns: readonly Column[];
  /** It takes minutes: run only for those who ask for it by its name. */
  readonly isLong?: boolean;
  /** No more rounds than this, whatever is asked for: they take long, or vary little. */
  readonly mostRounds?: number;
  /** No shorter rounds than this, whatever is asked for: percentiles need many requests. */
  readonly leastSeconds?: number;
  /** Nothing gets warm in it: every round is a start. */
  readonly isCold?: boolean;
  /** Figures of a server before any load, if the row has such. */
  atRest?(subject: Subject): Figures;
  /** One round: load for so many seconds, and the figures of it. */
  round(subject: Subject, seconds: number): Promise<Figures>;
}

/** A row, whatever its rounds are about. */
export type AnyRow = Row<unknown>;
