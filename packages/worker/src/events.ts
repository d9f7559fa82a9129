/** What the instance is told about its app server. The log lines are already written. */
export type AppServerEvent =
  /** The first worker accepts requests. */
  | { readonly type: 'accepting' }
  /** A worker process has been forked. */
  | { readonly type: 'worker-spawned'; readonly workerId: number; readonly pid: number }
  /** A worker process accepts requests. */
  | { readonly type: 'worker-ready'; readonly workerId: number; readonly pid: number }
  /** A worker process is gone. `expected`: it was told to. */
  | { readonly type: 'worker-exited'; readonly workerId: number; readonly pid: number; readonly expected: boolean }
  /** A worker was killed because a request ran for too long. */
  | { readonly type: 'harakiri'; readonly workerId: number; readonly pid: number }
  /** `idle`: nothing to do for a while; the workers are gone until a request comes. With `die-on-idle` the instance should end. */
  | { readonly type: 'idle' }
  /** `need-app` and no app in a worker (lazy-apps): the instance should end with status 22. */
  | { readonly type: 'app-missing' }
  /** The app asked for it: `uwsgi.reload()`. */
  | { readonly type: 'reload-requested' }
  /** The app asked for it: `uwsgi.stop()`. */
  | { readonly type: 'stop-requested' };
