import type { Backend } from './backend.ts';

/** How requests are spread over backends; uWSGI's names (`subscription-algo`). */
export const BALANCE_NAMES = ['wrr', 'lrc', 'wlrc', 'iphash'] as const;
export type BalanceName = (typeof BALANCE_NAMES)[number];

/** @returns whether the first is to be preferred for a request of this client (its IP address) */
export type Balance = (one: Backend, other: Backend, client: string) => boolean;

/** In turn, by weight. `credit` is kept by the group. */
const inTurn: Balance = (one, other) => one.credit > other.credit;

/** The algorithms. What is equal goes in turn. */
export const BALANCES: Readonly<Record<BalanceName, Balance>> = {
  wrr: inTurn,
  /** The one with the fewest requests under way. */
  lrc: (one, other) => (one.active === other.active ? inTurn(one, other, '') : one.active < other.active),
  /** The same, where a weight of two may have twice as many. */
  wlrc: (one, other) => {
    const [share, otherShare] = [one.active * other.weight, other.active * one.weight];
    return share === otherShare ? inTurn(one, other, '') : share < otherShare;
  },
  /** A client stays with its backend while that is there; when one comes or goes only that one's clients move (rendezvous hashing). */
  iphash: (one, other, client) => hash(one.name + client) > hash(other.name + client),
};

/** FNV-1a, and a final mix: names that differ in one digit must not stay neighbours. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
