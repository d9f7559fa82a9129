import { EmperorError } from '@emperor/emperor';

/** Exit status of a command that could not be understood. */
export const MISUSED = 2;

/** Where a command runs. */
export interface CommandSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly output: NodeJS.WriteStream;
}

/** One word after `emperor` that asks something instead of starting the daemon. */
export interface Command {
  readonly name: string;
  /** Its arguments, for the usage: `[NAME]… [--json]`. */
  readonly form: string;
  /** What it does, in a line. */
  readonly help: string;
  /** Whether its words are names of vassals, which a shell can complete. */
  readonly namesVassals: boolean;
  /** @returns the exit status. @throws EmperorError with a sentence for the user */
  run(words: readonly string[], surroundings: CommandSurroundings): Promise<number>;
}

/** The words of a command cannot be understood. */
export class MisuseError extends EmperorError {}
