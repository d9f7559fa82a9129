/** A rule that cannot be understood. Caught where its place in the configuration is known. */
export class RouteError extends Error {
  readonly suggestion: string | undefined;

  constructor(message: string, suggestion?: string) {
    super(message);
    this.suggestion = suggestion;
  }
}
