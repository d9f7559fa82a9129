export { NodeTransport } from './node-transport.ts';
export type * from './transport.ts';
