/** How a vassal's process ended. */
export type VassalExit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** The kernel killed it: with all it started it needed more than the memory it is allowed. */
  | { readonly kind: 'out-of-memory'; readonly limitBytes: number | undefined }
  /** It was not our child, and ended without a word. */
  | { readonly kind: 'unseen' }
  /** It never ran: the command is missing, say. */
  | { readonly kind: 'launch-failed'; readonly problem: string };

/** uWSGI's "go away for good": a vassal that exits so is not respawned (UWSGI-FACTS 1.5). */
export const EXILE_CODE = 30;

/** uWSGI's for anything it cannot start with (UWSGI-FACTS 1.5). */
export const CONFIGURATION_ERROR_CODE = 1;

/** As a phrase: `exit status 1`, `killed by SIGKILL`. */
export function describeExit(exit: VassalExit): string {
  switch (exit.kind) {
    case 'code':
      return `exit status ${exit.code}`;
    case 'signal':
      return `killed by ${exit.signal}`;
    case 'out-of-memory':
      return `killed by the kernel, it needed more memory than its limit${inMegabytes(exit.limitBytes)}`;
    case 'unseen':
      return 'it died (it was started by a former emperor, so how is not known)';
    case 'launch-failed':
      return exit.problem;
    default:
      return exit satisfies never;
  }
}

function inMegabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : ` of ${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
