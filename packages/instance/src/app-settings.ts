import { constants, hostname } from 'node:os';

import { type Config, magicTable, VERSION } from '@emperor/config';
import type { Transport } from '@emperor/transport';
import type {
  AppServerEvent,
  AppServerSettings,
  AppSource,
  CheaperAlgorithmName,
  CheaperSettings,
  LifetimeLimits,
} from '@emperor/worker';

import { interpreterChoice, pasteSource, pythonBehaviour } from './python-settings.ts';
import type { InstanceLog } from './instance-log.ts';
import { pythonPrivileges } from './privileges.ts';
import { StartError } from './start-error.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * 1024;
const CHEAPER_ALGORITHMS: readonly CheaperAlgorithmName[] = ['spare', 'spare2', 'backlog', 'busyness', 'manual'];

/**
 * Whether there is, or should be, an app: uWSGI starts workers unless told `processes = 0` or only `http` and where its requests go
 * (UWSGI-FACTS 1.12).
 */
export function wantsWorkers(config: Config): boolean {
  const { options } = config;
  if (options.processes === 0 || options['worker-exec'] !== undefined) return false;
  if (hasApp(config)) return true;
  const isRouter = options.http.length + options.https.length + options.https2.length > 0;
  const hasBackends = options['http-to'].length + options['http-subscription-server'].length > 0;
  return !(isRouter && hasBackends);
}

/** Whether a request that nobody answers is missing its app: only `processes = 0` without any app says that none is meant to be there. */
export function expectsApp(config: Config): boolean {
  return config.options.processes !== 0 || hasApp(config);
}

function hasApp({ options }: Config): boolean {
  return (
    options.module !== undefined ||
    options['wsgi-file'] !== undefined ||
    options.eval !== undefined ||
    options.paste !== undefined ||
    options['ini-paste'] !== undefined ||
    options['ini-paste-logged'] !== undefined ||
    options.mount.length > 0
  );
}

function appSource(config: Config): AppSource {
  const { options } = config;
  const given = (name: string, value: string | undefined): Record<string, string> =>
    value === undefined ? {} : { [name]: value };
  return {
    ...given('module', options.module),
    ...given('wsgiFile', options['wsgi-file']),
    ...given('eval', options.eval),
    ...given('callable', options.callable),
    ...pasteSource(config),
    mounts: options.mount.map((value) => {
      const [mountpoint = '', ...app] = value.split('=');
      return [mountpoint, app.join('=')] as const;
    }),
    manageScriptName: options['manage-script-name'],
    pythonpath: options.pythonpath,
    pyargv: options.pyargv?.split(' ').filter((word) => word !== '') ?? [],
    moduleAliases: [...options['pymodule-alias'], ...options['post-pymodule-alias']],
    imports: options.import,
    autoReloadSeconds: options['py-auto-reload'],
    autoReloadIgnore: options['py-auto-reload-ignore'],
    lazyApps: options['lazy-apps'] || options.lazy,
    needApp: options['need-app'],
    catchExceptions: options['catch-exceptions'],
    raisesWriteErrors: !options['disable-write-exception'],
    options: optionDictionary(config),
    magicVariables: magicTable(config),
  };
}

/** `uwsgi.opt`: every entry as given, True for what has no value on the command line; repeated ones as a list (uWSGI shows only the last: a bug, UWSGI-FACTS 2.4). */
function optionDictionary(config: Config): Record<string, string | boolean | (string | boolean)[]> {
  const dictionary: Record<string, string | boolean | (string | boolean)[]> = {};
  for (const { key, value, origin } of config.entries) {
    const shown = origin.source === '<command line>' && value === 'true' ? true : value;
    const before = dictionary[key];
    if (before === undefined) dictionary[key] = shown;
    else dictionary[key] = Array.isArray(before) ? [...before, shown] : [before, shown];
  }
  return dictionary;
}

/** The environment of the app: ours, with `env` and `unenv` applied in their order. What is only for this process stays here. */
export function appEnvironment(config: Config): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  delete environment['UWSGI_EMPEROR_FD'];
  delete environment['EMPEROR_CONTROL_SOCKET'];
  for (const { key, value } of config.entriesOf('env', 'unenv')) {
    if (key === 'unenv') {
      delete environment[value];
      continue;
    }
    const mark = value.indexOf('=');
    if (mark > 0) environment[value.slice(0, mark)] = value.slice(mark + 1);
  }
  return environment;
}

/** What the worker package needs to know, from the options of uWSGI. */
export function appServerSettings(
  config: Config,
  transport: Transport,
  log: InstanceLog,
  outputDescriptor: number,
  isReload: boolean,
  onEvent: (event: AppServerEvent) => void,
): AppServerSettings {
  const { options } = config;
  return {
    ...lifetimeLimits(config),
    app: appSource(config),
    interpreter: interpreterChoice(config),
    behaviour: pythonBehaviour(config),
    environment: appEnvironment(config),
    outputDescriptor,
    processes: options.processes,
    threads: Math.max(1, options.threads),
    offloadThreads: options['offload-threads'],
    cheaper: cheaperSettings(config),
    idleSeconds: options.idle,
    startsCheap: options.cheap,
    harakiriSeconds: options.harakiri,
    harakiriGracefulSeconds: options['harakiri-graceful-timeout'],
    harakiriGracefulSignal: signalName(options['harakiri-graceful-signal']),
    harakiriQueueThreshold: options['harakiri-queue-threshold'],
    forkbombDelaySeconds: options['forkbomb-delay'],
    privileges: pythonPrivileges(config),
    jail: options.chroot,
    cpuAffinity: options['cpu-affinity'],
    limitAsBytes: options['limit-as'] * MEGABYTE,
    hasMaster: options.master,
    workerReloadMercySeconds: options['worker-reload-mercy'],
    queueLimit: options['app-queue'],
    retryAfterSeconds: options['app-queue-retry-after'],
    version: VERSION,
    isReload,
    bufferBytes: options['buffer-size'],
    ...processNames(config),
    nodeName: hostname(),
    webSocket: {
      pingSeconds: options['websockets-ping-freq'],
      pongSeconds: options['websockets-pong-tolerance'],
      maxMessageBytes: options['websockets-max-size'] * KILOBYTE,
    },
    log,
    transport,
    onEvent,
  };
}

function signalName(number: number): NodeJS.Signals {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return (known?.[0] as NodeJS.Signals | undefined) ?? 'SIGTERM';
}

function lifetimeLimits({ options }: Config): LifetimeLimits {
  return {
    maxRequests: options['max-requests'],
    maxRequestsDelta: options['max-requests-delta'],
    minWorkerLifetimeSeconds: options['min-worker-lifetime'],
    maxWorkerLifetimeSeconds: options['max-worker-lifetime'],
    maxWorkerLifetimeDelta: options['max-worker-lifetime-delta'],
    reloadOnRssBytes: options['reload-on-rss'] * MEGABYTE,
    reloadOnAsBytes: options['reload-on-as'] * MEGABYTE,
    evilReloadOnRssBytes: options['evil-reload-on-rss'] * MEGABYTE,
    evilReloadOnAsBytes: options['evil-reload-on-as'] * MEGABYTE,
  };
}

function cheaperSettings({ options }: Config): CheaperSettings | undefined {
  if (options.cheaper === 0) return undefined;
  const initial = options['cheaper-initial'];
  const algorithm = CHEAPER_ALGORITHMS.find((name) => name === options['cheaper-algo']);
  if (algorithm === undefined) {
    throw new StartError(`cheaper-algo = ${options['cheaper-algo']}: there are ${CHEAPER_ALGORITHMS.join(', ')}`);
  }
  return {
    minimum: options.cheaper,
    initial: initial > 0 ? initial : options.cheaper,
    step: options['cheaper-step'],
    overload: options['cheaper-overload'],
    algorithm,
    idleChecks: options['cheaper-idle'],
    busyness: {
      maximum: options['cheaper-busyness-max'],
      minimum: options['cheaper-busyness-min'],
      multiplier: options['cheaper-busyness-multiplier'],
      penalty: options['cheaper-busyness-penalty'],
      backlogAlert: options['cheaper-busyness-backlog-alert'],
      backlogStep: options['cheaper-busyness-backlog-step'],
      backlogMultiplier: options['cheaper-busyness-backlog-multiplier'],
      backlogNonzero: options['cheaper-busyness-backlog-nonzero'],
      verbose: options['cheaper-busyness-verbose'],
    },
    rssSoftBytes: options['cheaper-rss-limit-soft'],
    rssHardBytes: options['cheaper-rss-limit-hard'],
  };
}

/** What `ps` shows of this process; undefined leaves it. */
export function masterName(config: Config): string | undefined {
  return config.options['procname-master'] ?? ownName(config)?.('uWSGI master');
}

/** What `ps` shows of the Python processes. */
function processNames(config: Config): Pick<AppServerSettings, 'processNames'> | undefined {
  const named = ownName(config);
  return named && { processNames: { zygote: named('uWSGI zygote'), worker: named('uWSGI worker %d') } };
}

/** How a process is called: `uWSGI worker 1` with `auto-procname`, a text of the user's in front or instead (UWSGI-FACTS 9.10). */
function ownName({ options }: Config): ((own: string) => string) | undefined {
  const prefix =
    options['procname-prefix'] ??
    (options['procname-prefix-spaced'] === undefined ? '' : `${options['procname-prefix-spaced']} `);
  const suffix = options['procname-append'] ?? '';
  if (!options['auto-procname'] && options.procname === undefined && prefix === '' && suffix === '') return undefined;
  return (own) => `${prefix}${options.procname ?? own}${suffix}`;
}
