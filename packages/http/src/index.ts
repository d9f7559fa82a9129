export type * from './exchange.ts';
export { Variables } from './variables.ts';
