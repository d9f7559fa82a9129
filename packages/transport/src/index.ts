export { formatAddress } from './format-address.ts';
export { NodeTransport } from './node-transport.ts';
export type * from './transport.ts';
