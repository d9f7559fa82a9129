import type { ActionKind } from './action.ts';
import { RouteError } from './route-error.ts';

function unsupported(name: string, reason: string, guards: boolean): ActionKind {
  return {
    guards,
    compile: () => {
      throw guards
        ? new RouteError(`the action ${name}: is not supported: ${reason}`)
        : new RouteError(`the action ${name}: is not supported, the rule is left out: ${reason}`, undefined, 'warning');
    },
  };
}

const RPC = 'rules cannot call functions of the app';
const SHARED = 'the process that asks the rules serves many requests at once';
const STORES = 'pages are not kept in other stores';

/** Actions of uWSGI that are known and not there, with the reason. */
const REASONS: Readonly<Record<string, string>> = {
  alarm: 'there are no alarms',
  call: RPC,
  disableheaders: 'an answer without a head cannot be told from a broken one',
  memcached: STORES,
  'memcached-continue': STORES,
  'memcached-store': STORES,
  memcachedstore: STORES,
  redis: STORES,
  'redis-continue': STORES,
  'redis-store': STORES,
  redisstore: STORES,
  rpc: RPC,
  rpcblob: RPC,
  rpcnext: RPC,
  rpcraw: RPC,
  rpcret: RPC,
  rpcvar: RPC,
  setmodifier1: 'modifiers choose plugins of uWSGI',
  setmodifier2: 'modifiers choose plugins of uWSGI',
  setprocname: SHARED,
  xmldir: 'directories are not listed',
};

/** Actions that hold requests back: a server that starts without them would be open. */
const GUARDS: Readonly<Record<string, string>> = {
  access: 'use route-remote-addr or the condition ipv4in',
  httpconnect: 'tunnels are not offered',
  httpdumb: 'use http:',
  ldapauth: 'use basicauth: with a file',
  'ldapauth-next': 'use basicauth: with a file',
  proxyhttp: 'use http:',
  proxyhttpconnect: 'tunnels are not offered',
  proxyuwsgi: 'use uwsgi:',
  radius: 'use basicauth: with a file',
  'radius-next': 'use basicauth: with a file',
};

export const UNSUPPORTED_ACTIONS: Readonly<Record<string, ActionKind>> = {
  ...Object.fromEntries(Object.entries(REASONS).map(([name, reason]) => [name, unsupported(name, reason, false)])),
  ...Object.fromEntries(Object.entries(GUARDS).map(([name, reason]) => [name, unsupported(name, reason, true)])),
};
