import { isAbsolute, resolve } from 'node:path';

import type { Config } from '@emperor/config';
import type { InterpreterChoice, PythonBehaviour } from '@emperor/worker';

const KILOBYTE = 1024;
/** Routes and options that may name an app for a request. */
const SETS_VARIABLES = /^http-var |route.* (?:setapp|setfile|addvar):/;

/** Which interpreter runs the app, and how. */
export function interpreterChoice({ options }: Config): InterpreterChoice {
  return {
    virtualenv: options.virtualenv === undefined ? undefined : resolve(options.virtualenv),
    program: options['py-programname'],
    optimization: options.optimize,
    importsSite: !options['no-site'],
  };
}

/** What uWSGI's options say about the behaviour of the Python side. */
export function pythonBehaviour(config: Config): PythonBehaviour {
  const { options } = config;
  return {
    sharedImports: options['shared-import'],
    directoryAfterLoad: options.chdir2 ?? '',
    linePrefix: { date: options.logdate ?? '', text: options['log-prefix'] ?? '' },
    executable: options['py-executable'] ?? '',
    ignoresScriptName: options['ignore-script-name'],
    hostVariable: options['vhost-host'] ? 'HTTP_HOST' : options.vhost ? 'SERVER_NAME' : '',
    hasDefaultApp: !options['no-default-app'],
    loadsAppsOnDemand:
      options.socket.length > 0 || config.entries.some(({ key, value }) => SETS_VARIABLES.test(`${key} ${value}`)),
    offersFileWrapper: !options['wsgi-disable-file-wrapper'],
    sendsHeadAtOnce: options['start_response-nodelay'],
    reloadsEnvironment: options['reload-os-env'],
    threadStackBytes: options['thread-stacksize'] * KILOBYTE,
    skipsExitHook: options['skip-atexit'],
    skipsTeardown: options['skip-atexit-teardown'],
    tracebackerPath: options['py-tracebacker'] ?? '',
    reloadOnException: options['reload-on-exception'],
    reloadOnExceptionTypes: options['reload-on-exception-type'],
    reloadOnExceptionValues: options['reload-on-exception-value'],
    reloadOnExceptionReprs: options['reload-on-exception-repr'],
  };
}

/** The PasteDeploy file of the app: `paste`, or the configuration file itself (`ini-paste`). */
export function pasteSource({ options }: Config): { paste: string; pasteLogging: boolean } | undefined {
  const inConfiguration = options['ini-paste-logged'] ?? options['ini-paste'];
  const location = options.paste ?? inConfiguration;
  if (location === undefined) return undefined;
  const isUri = /^(?:config|egg|call):/.test(location);
  return {
    paste: isUri || isAbsolute(location) ? location : resolve(location),
    pasteLogging: options['paste-logger'] || options['ini-paste-logged'] !== undefined,
  };
}
