import type { ControlGroup } from '../limits/control-group.ts';
import type { Confinement } from './confinement.ts';
import type { FileOwner } from '../monitor/vassal-file.ts';

/** What to run for one vassal. */
export interface VassalLaunch {
  /** Of the vassal. */
  readonly name: string;
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** `inherit`: it writes where the emperor writes. `capture`: the emperor logs its lines. */
  readonly output: 'inherit' | 'capture';
  /** A listening socket that the emperor holds for it: its standard input, as uWSGI has it (UWSGI-FACTS 13.9). */
  readonly socket: number | undefined;
  /** As whom it runs; undefined: as the emperor. Without supplementary groups. */
  readonly user: FileOwner | undefined;
  readonly confinement: Confinement;
  /** It goes on without this emperor until another one comes. */
  readonly outlives: boolean;
  /** Not ours: what it leaves behind when it ends is ended too. */
  readonly isForeign: boolean;
  /** The words of a command that is run with the name of the vassal in the process, before that becomes the vassal. */
  readonly startHook: readonly string[] | undefined;
  /** It and all it starts belong there from the beginning. */
  readonly group: ControlGroup | undefined;
}

/** The emperor socket is always this descriptor in the vassal. */
export const EMPEROR_DESCRIPTOR = 3;
