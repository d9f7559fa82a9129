/** A mistake of the operator's, or of the machine's: shown as a sentence, never as a stack trace. Exit status 1. */
export class EmperorError extends Error {
  override readonly name = 'EmperorError';
}
