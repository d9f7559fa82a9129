import type { ClientCertificate, Stream } from '@emperor/transport';

/** The part of the variables that every request of a connection has in common. */
export interface RequestOrigin {
  /** `SERVER_NAME`: uWSGI uses the machine's host name, whatever the request says. */
  readonly serverName: string;
  readonly serverPort: string;
  readonly remoteAddress: string;
  /** Only uWSGI's http router has `REMOTE_PORT` (UWSGI-FACTS 5.2); undefined leaves it out. */
  readonly remotePort: string | undefined;
  /** Value of `UWSGI_ROUTER`, or undefined on a plain http-socket. */
  readonly router: string | undefined;
  /** TLS: adds `HTTPS=on`. */
  readonly secure: boolean;
  /** `HTTPS_DN` and the like, flat: what a TLS client has shown of itself. */
  readonly clientVariables?: readonly string[];
}

/** What of the settings of a listener goes into the variables. */
interface OriginSettings {
  readonly serverName: string;
  readonly serverPort: string;
  readonly router: string | undefined;
  readonly secure: boolean;
  readonly exportsCertificate?: boolean;
}

export function requestOrigin(
  settings: OriginSettings,
  stream: Pick<Stream, 'remoteAddress' | 'remotePort'>,
  clientCertificate: ClientCertificate | undefined,
): RequestOrigin {
  const { serverName, serverPort, router, secure, exportsCertificate } = settings;
  const origin: RequestOrigin = {
    serverName,
    serverPort,
    remoteAddress: stream.remoteAddress,
    remotePort: router === undefined ? undefined : String(stream.remotePort),
    router,
    secure,
  };
  if (clientCertificate === undefined) return origin;
  const { subject, pem } = clientCertificate;
  return {
    ...origin,
    clientVariables: ['HTTPS_DN', subject, ...(exportsCertificate === true ? ['HTTPS_CC', pem] : [])],
  };
}

/** Adds them in uWSGI's order, in which the router has `HTTPS` in front of the address and an http-socket behind it. */
export function pushOrigin(list: string[], origin: RequestOrigin): void {
  const { router, remotePort } = origin;
  list.push('SERVER_NAME', origin.serverName, 'SERVER_PORT', origin.serverPort);
  if (router !== undefined) {
    list.push('UWSGI_ROUTER', router);
    if (origin.secure) pushSecurity(list, origin);
  }
  list.push('REMOTE_ADDR', origin.remoteAddress);
  if (remotePort !== undefined) list.push('REMOTE_PORT', remotePort);
  if (router === undefined && origin.secure) pushSecurity(list, origin);
}

function pushSecurity(list: string[], { clientVariables }: RequestOrigin): void {
  list.push('HTTPS', 'on');
  if (clientVariables !== undefined) list.push(...clientVariables);
}
