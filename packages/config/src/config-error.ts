/** A value that cannot be used, said in one sentence; the caller knows where it was written. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** What to write instead. */
  readonly suggestion: string | undefined;

  constructor(message: string, suggestion?: string) {
    super(message);
    this.suggestion = suggestion;
  }
}
