/** What a start costs, whatever the machine does meanwhile. */
export interface StartBudget {
  /** Files of JavaScript that are read: each costs time at every start, and memory for good. */
  readonly modules: number;
  /** What is in them. */
  readonly moduleBytes: number;
  /** Files of any kind that are opened, by all processes: programs, libraries, modules of Python … */
  readonly files: number;
  /** Programs that are executed. */
  readonly programs: number;
}

/** What a request costs. */
export interface RequestBudget {
  /** System calls of the main thread. */
  readonly calls: number;
  /** How often it goes to sleep, to be woken again: each costs the client's time. */
  readonly sleeps: number;
}

/** What our processes may cost. Counted, not timed: these figures do not depend on how busy the machine is. */
interface Budgets {
  readonly memory: Readonly<Record<'vassal' | 'vassalAfterLoad' | 'emperor', number>>;
  readonly start: Readonly<Record<'vassal' | 'emperor', StartBudget>>;
  readonly request: Readonly<
    Record<'kept' | 'keptInWorker' | 'single' | 'behindNginx' | 'staticFile' | 'missingFile', RequestBudget>
  >;
  readonly allocatedBytesPerRequest: number;
  readonly pythonModules: number;
}

export const budgets: Budgets = {
  /** Private bytes. */
  memory: {
    /** With its zygote and two workers, at rest (seen: 18.7 to 21.2 MB; DESIGN 4.3 asks for 30). */
    vassal: 24 * 2 ** 20,
    /** The same when some load is over, and its garbage is collected (seen: 19.9 to 21.0 MB, 30 to 40 before that; DESIGN 6 asks for 40). */
    vassalAfterLoad: 27 * 2 ** 20,
    /** With one vassal that does nothing (seen: 22.5 MB). */
    emperor: 27 * 2 ** 20,
  },

  start: {
    /** From exec to the first worker of the tutorial's app (seen: 3 modules with 809 KB, 115 files, 3 programs). */
    vassal: { modules: 5, moduleBytes: 900_000, files: 140, programs: 4 },
    /** From exec until the metrics can be asked for, without a vassal (seen: 233 modules with 1,136 KB, 323 files, 2 programs). */
    emperor: { modules: 260, moduleBytes: 1_300_000, files: 380, programs: 3 },
  },

  request: {
    /**
     * One after the other on a connection that is kept open: the vassal waits, reads the request, passes it on, waits, reads the answer, passes
     * it on (seen: 8.2 to 9 calls, 9.5 beside four busy loops). Under load several requests share all that.
     */
    kept: { calls: 11, sleeps: 2.5 },
    /** The same in the worker: it waits, reads, answers (seen: 3.1, up to 4.1 on a very busy machine). */
    keptInWorker: { calls: 4.7, sleeps: 1.5 },
    /** A connection for each (seen: 12.1 to 16.6). */
    single: { calls: 21, sleeps: 4 },
    /** The same on a UNIX `socket`, as nginx asks (seen: 11.3 to 15). */
    behindNginx: { calls: 20, sleeps: 4 },
    /** A small static file, on a connection that is kept open (seen: 5.1 to 6.1). */
    staticFile: { calls: 8, sleeps: 1.5 },
    /** A file that is not there, so that the app is asked (seen: 9.1 to 10.8). */
    missingFile: { calls: 13, sleeps: 2.5 },
  },

  /** On the heap of the vassal process, over connections that are kept open (seen: 4,700 to 5,000). */
  allocatedBytesPerRequest: 6500,
  /** In a worker, beyond those that its interpreter always has (seen: 61 with Debian's). */
  pythonModules: 67,
};
