import { readFileSync } from 'node:fs';
import { parseAddress, type SocketAddressText } from './address.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { OptionName } from './option-table.ts';
import { pointAtValue } from './reading.ts';
import type { Resolution } from './resolve.ts';

/** What the rules look at. */
export interface RuleContext extends Resolution {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What is wrong between options, and the option to point at. */
interface Finding {
  readonly at: OptionName;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
  readonly suggestion?: string;
}

/** A rule over options. It is left out when one of the options it needs could not be read. */
interface Rule {
  readonly needs: readonly OptionName[];
  readonly check: (context: RuleContext) => Finding | undefined;
}

/** Checks what no single value shows; uWSGI finds most of this only while it runs, or never. */
export function checkRules(context: RuleContext): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const rule of RULES) {
    const finding = rule.needs.some((name) => context.invalid.has(name)) ? undefined : rule.check(context);
    if (finding === undefined) continue;
    const { at, ...problem } = finding;
    const entry = context.setBy.get(at);
    diagnostics.push({ ...(entry === undefined ? {} : pointAtValue(entry)), ...problem });
  }
  return [...diagnostics, ...checkAddresses(context)];
}

const RULES: readonly Rule[] = [
  {
    needs: ['cheaper', 'processes'],
    check: ({ options: { cheaper, processes } }) => {
      if (cheaper === 0 || cheaper < processes) return undefined;
      const message = `invalid cheaper value: must be lower than processes: ${cheaper} is not below ${processes}`;
      return { at: 'cheaper', severity: 'error', message, suggestion: 'raise processes or lower cheaper' };
    },
  },
  {
    needs: ['cheaper-initial', 'processes'],
    check: ({ options }) => {
      const initial = options['cheaper-initial'];
      if (initial <= options.processes) return undefined;
      const message = `invalid cheaper-initial value: must be lower or equal than processes: ${initial} is above ${options.processes}`;
      return { at: 'cheaper-initial', severity: 'error', message };
    },
  },
  {
    needs: ['cheaper-initial', 'cheaper'],
    check: ({ options, setBy }) => {
      const initial = options['cheaper-initial'];
      if (initial === 0 || !setBy.has('cheaper-initial') || initial >= options.cheaper) return undefined;
      const message = `cheaper-initial is lower than cheaper (${initial} is below ${options.cheaper}): the instance starts with ${options.cheaper}`;
      return { at: 'cheaper-initial', severity: 'warning', message };
    },
  },
  {
    needs: ['cheaper-busyness-min', 'cheaper-busyness-max'],
    check: ({ options }) => {
      const [min, max] = [options['cheaper-busyness-min'], options['cheaper-busyness-max']];
      if (min < max) return undefined;
      const message = `cheaper-busyness-min must be lower than cheaper-busyness-max: ${min} is not below ${max}`;
      return { at: 'cheaper-busyness-min', severity: 'error', message };
    },
  },
  {
    needs: ['listen'],
    check: ({ options: { listen } }) => {
      const longest = longestAcceptQueue();
      if (longest === undefined || listen <= longest) return undefined;
      const message = `Listen queue size is greater than the system max net.core.somaxconn (${longest}).`;
      return {
        at: 'listen',
        severity: 'error',
        message,
        suggestion: `raise it with: sysctl net.core.somaxconn=${listen}`,
      };
    },
  },
  {
    needs: ['processes'],
    check: ({ options, setBy }) => {
      if (options.processes > 0 || !setBy.has('processes')) return undefined;
      const at = (['module', 'wsgi-file', 'mount'] as const).find((name) => setBy.has(name));
      if (at === undefined) return undefined;
      return {
        at,
        severity: 'warning',
        message: `${at} names an app, but with processes = 0 there is nobody to run it`,
      };
    },
  },
  {
    needs: ['http', 'https', 'http-to-https'],
    check: ({ options, setBy }) => {
      if (
        options.http.length > 0 ||
        options.https.length > 0 ||
        options.https2.length > 0 ||
        options['http-to-https'].length > 0
      )
        return undefined;
      const at = ROUTER_ONLY.find((name) => setBy.has(name));
      if (at === undefined) return undefined;
      return {
        at,
        severity: 'warning',
        message: `${at} has no effect: it belongs to the router, and there is no http or https option`,
      };
    },
  },
  {
    needs: ['protocol', 'socket'],
    check: ({ options: { protocol, socket } }) => {
      if (socket.length === 0 || ['uwsgi', 'http', 'http11'].includes(protocol)) return undefined;
      const message = `socket cannot speak the protocol ${JSON.stringify(protocol)}`;
      return { at: 'protocol', severity: 'error', message, suggestion: 'expected uwsgi or http' };
    },
  },
  {
    needs: ['uid'],
    check: ({ options: { uid } }) => {
      if (uid !== 'root' && uid !== '0') return undefined;
      return {
        at: 'uid',
        severity: 'warning',
        message: 'the app runs as root',
        suggestion: 'give it a user of its own',
      };
    },
  },
  {
    needs: ['chmod-socket'],
    check: ({ options }) => {
      const mode = options['chmod-socket'];
      if (mode === undefined || (mode & 0o002) === 0) return undefined;
      const message = `every user of this machine may connect to the socket with mode ${mode.toString(8)}`;
      return {
        at: 'chmod-socket',
        severity: 'warning',
        message,
        suggestion: 'use 660 and the group of the web server in chown-socket',
      };
    },
  },
  {
    needs: ['daemonize', 'daemonize2'],
    check: ({ options, environment }) => {
      const at = options.daemonize === undefined ? 'daemonize2' : 'daemonize';
      const supervisor = options[at] === undefined ? undefined : supervisorIn(environment);
      if (supervisor === undefined) return undefined;
      const message = `${at} under ${supervisor}: it would lose sight of an instance that goes to the background`;
      return { at, severity: 'warning', message, suggestion: 'remove the line; to log to a file use logto' };
    },
  },
];

const ROUTER_ONLY = [
  'http-keepalive',
  'http-auto-gzip',
  'http-auto-chunked',
  'http-to',
  'http-timeout',
  'http-websockets',
] as const;

/** The program that watches this process, as far as the environment tells. */
function supervisorIn(environment: RuleContext['environment']): string | undefined {
  if (environment['UWSGI_EMPEROR_FD'] !== undefined) return 'an emperor';
  if (environment['NOTIFY_SOCKET'] !== undefined) return 'systemd';
  return environment['SUPERVISOR_ENABLED'] === undefined ? undefined : 'supervisord';
}

function longestAcceptQueue(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function portWithoutColon(name: OptionName, text: string, setBy: RuleContext['setBy']): Diagnostic {
  const entry = setBy.get(name);
  return {
    ...(entry === undefined ? {} : pointAtValue(entry)),
    severity: 'warning',
    message: `${name} = ${text} is a UNIX socket in a file named ${text}, as in uWSGI`,
    suggestion: `for the port write: ${name} = :${text}`,
  };
}

/** What tells an address from another, or `undefined` for one that the kernel or another option chooses. */
function addressKey(address: SocketAddressText): string | undefined {
  if (address.kind === 'unix') return address.path;
  return address.kind === 'tcp' && address.port !== 0 ? `${address.host}:${address.port}` : undefined;
}

const LISTENERS = ['socket', 'uwsgi-socket', 'http-socket', 'http11-socket', 'http', 'stats'] as const;

/** Two listeners at one address: the second could not be opened. */
function checkAddresses({ options, setBy }: RuleContext): Diagnostic[] {
  const seen = new Map<string, OptionName>();
  const diagnostics: Diagnostic[] = [];
  for (const name of LISTENERS) {
    for (const text of [options[name] ?? []].flat()) {
      if (/^\d{2,5}$/.test(text)) diagnostics.push(portWithoutColon(name, text, setBy));
      const key = addressKey(parseAddress(text));
      if (key === undefined) continue;
      const other = seen.get(key);
      const entry = setBy.get(name);
      if (other !== undefined) {
        const message = `${name} and ${other} both want the address ${text}`;
        diagnostics.push({ ...(entry === undefined ? {} : pointAtValue(entry)), severity: 'error', message });
      }
      seen.set(key, name);
    }
  }
  return diagnostics;
}
