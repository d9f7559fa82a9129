import type { PartName } from '../run/parts.ts';
import type { Rig } from '../rig/rig.ts';

/** A long run. It lasts about as long as it is given, so that a short one fits into `npm test`. */
export interface Scenario {
  /** What `npm run soak -- NAME` is given. */
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** How long it lasts unless it is told otherwise. */
  readonly seconds: number;
  /** Parts it cannot do without. */
  readonly parts?: readonly PartName[];
  run(scene: SoakScene): Promise<Outcome>;
}

export interface SoakScene {
  readonly rig: Rig;
  readonly seconds: number;
  /** Tells people how far it is. */
  readonly note: (line: string) => void;
}

export interface Outcome {
  /** What was measured, ready to be read: `idle CPU` -> `0.1 % of a core`. */
  readonly figures: Readonly<Record<string, string>>;
  /** What should not have happened; nothing, when all went well. */
  readonly problems: readonly string[];
}

/** For a limit that a figure has to keep: the problem, if it does not. */
export function limit(what: string, value: number, most: number, unit: string): string[] {
  return value <= most ? [] : [`${what}: ${value.toFixed(1)} ${unit}, and not at most ${most} ${unit}`];
}
