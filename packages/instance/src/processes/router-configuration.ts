import type { Config, Entry } from '@emperor/config';

import type { SocketRequest } from '../sockets.ts';

/** What the configuration of a router says about requests, whichever process of it they come to. */
const SHARED =
  /^(?:http-(?!processes|stats|uid|gid|resubscribe|subscription-server|socket$|to-https)|https-(?!socket)|http2$|sni|ssl-|subscription-|route|response-|error-|final-|static-|check-static|mime-file|file-serve|honour-range|offload-threads|add-header|rem-header|collect-header|pull-header|compress|buffer-size|socket-timeout|limit-post|post-buffering|chunked-input|trusted-proxy|enable-proxy-protocol|cache|loop$|chdir$)/;

/** A listening socket, and the descriptor it has in another process. */
export interface InheritedSocket {
  readonly request: SocketRequest;
  readonly descriptor: number;
}

/** The ini file of a further process of a router: the same about requests, at sockets that it inherits, and nothing else. */
export function routerConfiguration(config: Config, sockets: readonly InheritedSocket[]): string {
  const lines = config.entries.filter(({ key }) => SHARED.test(key)).map(asLine);
  return ['[uwsgi]', 'master = true', 'processes = 0', ...sockets.map(listenLine), ...lines, ''].join('\n');
}

/** `%` begins a magic variable in an ini file. */
function asLine({ key, value }: Pick<Entry, 'key' | 'value'>): string {
  return `${key} = ${value.replaceAll('%', '%%')}`;
}

function listenLine({ request, descriptor }: InheritedSocket): string {
  const { protocol, identity } = request;
  const address = `fd://${descriptor}`;
  if (identity === undefined) return asLine({ key: protocol === 'uwsgi' ? 'uwsgi-socket' : protocol, value: address });
  const { certificate, key, ciphers = '', clientAuthority = '', clientRequired } = identity;
  const authority = `${clientRequired ? '!' : ''}${clientAuthority}`;
  return asLine({ key: protocol, value: [address, certificate, key, ciphers, authority].join(',') });
}
