/** What a vassal may cost. Counted, not timed: these figures do not depend on how busy the machine is. */
export const budgets: Readonly<
  Record<
    | 'privateBytes'
    | 'privateBytesAfterLoad'
    | 'allocatedBytesPerRequest'
    | 'modules'
    | 'vassalCallsPerRequest'
    | 'workerCallsPerRequest'
    | 'vassalCallsPerConnection',
    number
  >
> = {
  /** A vassal with its zygote and two workers, at rest (seen: 19.3 to 20.4 MB; DESIGN 4.3 asks for 30). */
  privateBytes: 24 * 1024 * 1024,
  /** The same after some load, a few seconds later (seen: 20.1 to 21.0 MB; DESIGN 6 asks for 40, issue 11 for 30). */
  privateBytesAfterLoad: 26 * 1024 * 1024,
  /** On the heap of the vassal process, over connections that are kept open (seen: 6,070 to 6,440). */
  allocatedBytesPerRequest: 9000,
  /** Files of JavaScript that a vassal with an app reads at its start (seen: 31). Each costs time at every start and memory for good. */
  modules: 50,
  /**
   * System calls of the vassal for a request on a connection that is kept open, one after the other (seen: 9.3): it waits, reads the request,
   * passes it on, waits, reads the answer, passes it on. Under load several requests share them.
   */
  vassalCallsPerRequest: 14,
  /** The same of the worker (seen: 3.4): it waits, reads, answers. */
  workerCallsPerRequest: 5,
  /** System calls of the vassal for a request on a connection of its own (seen: 13 to 16). */
  vassalCallsPerConnection: 24,
};
