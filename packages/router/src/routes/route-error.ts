/** A rule that cannot be understood or cannot work. Caught where its place in the configuration is known. */
export class RouteError extends Error {
  readonly suggestion: string | undefined;
  /** A warning is for a rule that uWSGI takes too, or that can be left out without harm. */
  readonly severity: 'error' | 'warning';

  constructor(message: string, suggestion?: string, severity: 'error' | 'warning' = 'error') {
    super(message);
    this.suggestion = suggestion;
    this.severity = severity;
  }
}
