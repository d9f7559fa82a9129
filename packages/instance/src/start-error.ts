/** The instance cannot start, for a reason the operator can mend. Shown as a sentence, never as a stack trace. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = ExitCode.configuration) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** uWSGI's exit codes (UWSGI-FACTS 1.5). */
export const ExitCode = {
  end: 0,
  configuration: 1,
  needApp: 22,
  /** A vassal that must not be started again. */
  exile: 30,
} as const;
