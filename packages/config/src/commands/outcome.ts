/** What a command has to say, and how it ended. */
export interface CommandOutcome {
  readonly text: string;
  readonly exitCode: number;
}

/** Where a command runs. */
export interface CommandSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

/** The outcome of a command line that cannot be understood. */
export function usage(problem: string, lines: readonly string[]): CommandOutcome {
  return { text: [problem, '', 'Usage:', ...lines.map((line) => `  ${line}`), ''].join('\n'), exitCode: 2 };
}
