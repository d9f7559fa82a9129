/** How the Python side behaves, beside what it loads: uWSGI's options of the names given. Sent to the zygote as it is (JSON). */
export interface PythonBehaviour {
  /** `shared-import`: imported before everything else, also with lazy-apps. */
  readonly sharedImports: readonly string[];
  /** `chdir2`: where to go when the app is loaded; empty: nowhere. */
  readonly directoryAfterLoad: string;
  /** `log-date` (`true` for C's ctime, else a form of strftime) and `log-prefix`, for what is not printed by the app; empty: none. */
  readonly linePrefix: { readonly date: string; readonly text: string };
  /** `py-executable`: sys.executable; empty leaves it. */
  readonly executable: string;
  /** `ignore-script-name`: SCRIPT_NAME chooses no app. */
  readonly ignoresScriptName: boolean;
  /** `vhost`, `vhost-host`: the variable whose value and `|` stand in front of the mountpoints; empty: none. */
  readonly hostVariable: string;
  /** `no-default-app`: where no mounted app matches, there is none. */
  readonly hasDefaultApp: boolean;
  /** Requests may name apps of their own (UWSGI_FILE and the like): only where something but a client of HTTP sets variables. */
  readonly loadsAppsOnDemand: boolean;
  /** `wsgi-disable-file-wrapper`. */
  readonly offersFileWrapper: boolean;
  /** `start_response-nodelay`: the head leaves when start_response is called. */
  readonly sendsHeadAtOnce: boolean;
  /** `reload-os-env`: os.environ follows what C code has changed, for every request. */
  readonly reloadsEnvironment: boolean;
  /** `thread-stacksize`; 0 is the system's. */
  readonly threadStackBytes: number;
  /** `skip-atexit`: neither `uwsgi.atexit` nor what `atexit` knows. */
  readonly skipsExitHook: boolean;
  /** `skip-atexit-teardown`: nothing of what `atexit` knows. */
  readonly skipsTeardown: boolean;
  /** `py-tracebacker`: path of the sockets, to which the number of the worker is added; empty: none. */
  readonly tracebackerPath: string;
  /** `reload-on-exception` and the like: whose app raises such a thing is replaced. */
  readonly reloadOnException: boolean;
  readonly reloadOnExceptionTypes: readonly string[];
  readonly reloadOnExceptionValues: readonly string[];
  readonly reloadOnExceptionReprs: readonly string[];
}

export const DEFAULT_BEHAVIOUR: PythonBehaviour = {
  sharedImports: [],
  directoryAfterLoad: '',
  linePrefix: { date: '', text: '' },
  executable: '',
  ignoresScriptName: false,
  hostVariable: '',
  hasDefaultApp: true,
  loadsAppsOnDemand: false,
  offersFileWrapper: true,
  sendsHeadAtOnce: false,
  reloadsEnvironment: false,
  threadStackBytes: 0,
  skipsExitHook: false,
  skipsTeardown: false,
  tracebackerPath: '',
  reloadOnException: false,
  reloadOnExceptionTypes: [],
  reloadOnExceptionValues: [],
  reloadOnExceptionReprs: [],
};
