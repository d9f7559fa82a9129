/** Options uWSGI does not have. */
export const OWN = {
  'runtime-dir': { kind: 'text', help: 'directory of control sockets and records' },
  'emperor-hold-directory': {
    kind: 'text',
    scope: 'emperor',
    help: 'listen at DIR/NAME.socket for every vassal, whether it runs or not',
  },
  'vassals-limit-memory': { kind: 'bytes', scope: 'emperor', help: 'memory that all processes of a vassal may use' },
  'vassals-limit-cpu': {
    kind: 'integer',
    min: 0,
    scope: 'emperor',
    help: 'processor time that a vassal may use, in percent of one core',
  },
  'vassals-limit-pids': { kind: 'integer', min: 0, scope: 'emperor', help: 'processes and threads a vassal may have' },
  compress: {
    kind: 'text',
    omitted: 'true',
    help: 'compress answers of compressible types: true, or encodings in order: zstd br gzip',
  },
  'compress-min-size': { kind: 'bytes', default: 1024, min: 0, help: 'smallest answer that is worth compressing' },
  'compress-type': { kind: 'list', help: 'further content type to compress, application/x-foo or model/*' },
  'compress-level': { kind: 'integer', default: 6, min: 1, max: 9, help: 'level of gzip' },
  'static-etag': { kind: 'flag', help: 'send a strong ETag with static files' },
  'app-queue': {
    kind: 'integer',
    default: 10_000,
    min: 0,
    help: 'requests that may wait for a worker; what comes beyond is answered 503 with Retry-After',
  },
  'app-queue-retry-after': {
    kind: 'seconds',
    default: 1,
    min: 0,
    help: 'when clients that found the queue full are told to try again',
  },
  'trusted-proxy': {
    kind: 'list',
    form: 'NETWORK',
    help: 'believe what the proxy or network ADDRESS says about its clients, when it is passed on to HTTP backends',
  },
  'http-send-proxy-protocol': { kind: 'flag', help: 'tell backends about the client with the PROXY protocol' },
  glob: { kind: 'list', scope: 'emperor', help: 'supervise the instances whose files match PATTERN' },
  metrics: { kind: 'address', scope: 'emperor', help: 'serve Prometheus metrics at ADDRESS' },
  'die-with-emperor': { kind: 'flag', scope: 'emperor', help: 'vassals end when the emperor does, however it does' },
  welcome: { kind: 'flag', scope: 'emperor', help: 'say at the start where to look' },
} as const;
