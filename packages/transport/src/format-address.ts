import type { SocketAddress } from './transport.ts';

/** An address as a user would write it: `127.0.0.1:8000`, `[::1]:8000`, `/run/app.sock`, `@abstract`. */
export function formatAddress(address: SocketAddress): string {
  if (address.kind === 'unix') return address.path.startsWith('\0') ? `@${address.path.slice(1)}` : address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
