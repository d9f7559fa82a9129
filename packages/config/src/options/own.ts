/** Options uWSGI does not have. */
export const OWN = {
  'runtime-dir': { kind: 'text', help: 'directory of control sockets and records' },
  glob: { kind: 'list', scope: 'emperor', help: 'supervise the instances whose files match PATTERN' },
  metrics: { kind: 'address', scope: 'emperor', help: 'serve Prometheus metrics at ADDRESS' },
  'die-with-emperor': { kind: 'flag', scope: 'emperor', help: 'vassals end when the emperor does, however it does' },
  welcome: { kind: 'flag', scope: 'emperor', help: 'say at the start where to look' },
} as const;
