import { isIPv6 } from 'node:net';

import type { Variables } from '@emperor/http';
import { encodeProxyHeader } from '@emperor/protocol';

/** The header of the PROXY protocol that tells a backend whose request comes. The address the client connected to is not known here, its port is. */
export function announceClient(variables: Variables): string {
  const sourceAddress = variables.get('REMOTE_ADDR') ?? '';
  return encodeProxyHeader({
    sourceAddress,
    sourcePort: Number(variables.get('REMOTE_PORT') ?? 0),
    destinationAddress: isIPv6(sourceAddress) ? '::' : '0.0.0.0',
    destinationPort: Number(variables.get('SERVER_PORT') ?? 0),
  });
}
