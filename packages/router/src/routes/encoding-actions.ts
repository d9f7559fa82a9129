import { type ActionKind, ANSWER_PHASES } from './action.ts';

/** `gzip:` compresses the answer, where the client accepts that (uWSGI does not ask). */
const gzip: ActionKind = {
  phases: ANSWER_PHASES,
  compile: () => (context) => {
    context.compress();
    return 'next';
  },
};

/** Framing, lengths and how bytes are handed to the kernel are the connection's business. */
const settled: ActionKind = { compile: () => () => 'next' };

/** Actions on how the body travels. */
export const ENCODING_ACTIONS: Readonly<Record<string, ActionKind>> = {
  gzip,
  chunked: settled,
  fixcl: settled,
  forcecl: settled,
  flush: settled,
  offload: settled,
  donotoffload: settled,
};
