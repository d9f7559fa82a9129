import { parseAddress } from '@emperor/config';
import type { Announcement } from '@emperor/protocol';
import { formatAddress } from '@emperor/transport';

import type { Backend } from './backend.ts';
import { BackendGroup } from './backend-group.ts';
import type { BalanceName } from './balance.ts';

/** Nodes of all hosts together: whoever can send datagrams to the server must not be able to fill the memory. */
const MAX_NODES = 65_536;
const LOCALHOST = '127.0.0.1';

/** One announcer of one host. */
export interface SubscribedNode {
  readonly backend: Backend;
  announcement: Announcement;
  /** `performance.now()` of the last announcement. */
  seenAtMs: number;
}

/** The announcers of one host. */
export interface SubscribedPool {
  readonly key: string;
  readonly group: BackendGroup;
  readonly nodes: Map<string, SubscribedNode>;
  /** Requests that came for it. */
  hits: number;
}

export interface SubscriptionTableSettings {
  /** Time after which a node that is not announced again is forgotten (`subscription-tolerance`). */
  readonly toleranceMs: number;
  /** `subscription-dotsplit`: the host `a.b.c` also belongs to the keys `.b.c` and `.c`. */
  readonly splitsDots: boolean;
  /** `subscription-algo`. */
  readonly balance: BalanceName;
  readonly log: (message: string) => void;
  /** The first node has come, or the last one gone. */
  readonly onInhabited?: (inhabited: boolean) => void;
}

/** Who answers requests for which host, as announced. It outlives reloads of the router: nothing has to be announced anew. */
export class SubscriptionTable {
  #settings: SubscriptionTableSettings;
  readonly #pools = new Map<string, SubscribedPool>();
  #nodeCount = 0;

  constructor(settings: SubscriptionTableSettings) {
    this.#settings = settings;
  }

  get pools(): Iterable<SubscribedPool> {
    return this.#pools.values();
  }

  get isInhabited(): boolean {
    return this.#nodeCount > 0;
  }

  /** Goes on by the settings of another configuration. */
  reconfigure(settings: SubscriptionTableSettings): void {
    this.#settings = settings;
    for (const { group } of this.#pools.values()) group.balance = settings.balance;
  }

  /** @param sender address the announcement came from: what `:3031` means */
  announced(announcement: Announcement, sender: string, nowMs: number): void {
    const pool = this.#pools.get(announcement.key);
    const node = pool?.nodes.get(announcement.address);
    if (announcement.leaves) {
      if (pool === undefined || node === undefined) return;
      this.#log('uWSGI http', `${announcement.key} => marking ${announcement.address} as failed`);
      this.#remove(pool, node);
    } else if (node === undefined || pool === undefined) {
      this.#add(announcement, sender, nowMs);
    } else if (speaksLike(node.announcement, announcement)) {
      node.seenAtMs = nowMs;
      node.announcement = announcement;
      node.backend.weight = Math.max(1, announcement.weight);
    } else {
      this.#remove(pool, node);
      this.#add(announcement, sender, nowMs);
    }
  }

  #add(announcement: Announcement, sender: string, nowMs: number): void {
    const { key, address: name, modifier1, modifier2, protocol, weight } = announcement;
    const address = readAddress(name, sender);
    if (address === undefined || this.#nodeCount >= MAX_NODES) {
      const why = address === undefined ? 'this is no address' : 'there are too many';
      this.#log('uwsgi-subscription for', `${key} => refused node ${name}: ${why}`);
      return;
    }
    const description = { name, address, protocol, modifier1, modifier2, weight: Math.max(1, weight) };
    const pool = this.#poolOf(key);
    pool.nodes.set(name, { backend: pool.group.add(description), announcement, seenAtMs: nowMs });
    this.#log('uwsgi-subscription for', `${key} => new node: ${name}`);
    if (++this.#nodeCount === 1) this.#settings.onInhabited?.(true);
  }

  #poolOf(key: string): SubscribedPool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { key, group: new BackendGroup([], this.#settings.balance), nodes: new Map(), hits: 0 };
      this.#pools.set(key, pool);
      this.#log('uwsgi-subscription for', `new pool: ${key}`);
    }
    return pool;
  }

  #remove(pool: SubscribedPool, node: SubscribedNode): void {
    pool.group.remove(node.backend);
    pool.nodes.delete(node.announcement.address);
    if (pool.nodes.size === 0) this.#pools.delete(pool.key);
    if (--this.#nodeCount === 0) this.#settings.onInhabited?.(false);
  }

  /** What would have to be announced to another table, wherever that is. */
  *announcements(): Generator<Announcement> {
    for (const { nodes } of this.#pools.values())
      for (const { announcement, backend } of nodes.values())
        yield { ...announcement, address: formatAddress(backend.address) };
  }

  /** Forgets nodes that have not been announced for too long. */
  expire(nowMs: number): void {
    const { toleranceMs } = this.#settings;
    for (const pool of this.#pools.values()) {
      for (const node of pool.nodes.values()) {
        if (nowMs - node.seenAtMs <= toleranceMs) continue;
        const silence = `no announce received in ${toleranceMs / 1000} seconds`;
        this.#log(
          'uwsgi-subscription for',
          `${pool.key} => marking ${node.announcement.address} as failed (${silence})`,
        );
        this.#remove(pool, node);
      }
    }
  }

  /**
   * The nodes for a Host header: those announced with exactly this text, as in uWSGI, else those of the host without its port, in lower case.
   */
  find(host: string): SubscribedPool | undefined {
    const exact = this.#pools.get(host);
    if (exact !== undefined) return exact;
    const bare = host.toLowerCase().replace(/\.?(?::\d*)?$/, '');
    return this.#pools.get(bare) ?? (this.#settings.splitsDots ? this.#findParent(bare) : undefined);
  }

  #findParent(host: string): SubscribedPool | undefined {
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const pool = this.#pools.get(host.slice(dot));
      if (pool !== undefined) return pool;
    }
    return undefined;
  }

  /** uWSGI's two prefixes, which people's log watchers know. */
  #log(who: 'uWSGI http' | 'uwsgi-subscription for', message: string): void {
    this.#settings.log(`[${who} pid ${process.pid}] ${message}`);
  }
}

/** Requests can go on to the node as before. */
function speaksLike(one: Announcement, other: Announcement): boolean {
  return one.protocol === other.protocol && one.modifier1 === other.modifier1 && one.modifier2 === other.modifier2;
}

function readAddress(text: string, sender: string): Backend['address'] | undefined {
  try {
    const address = parseAddress(text);
    if (address.kind === 'unix') return address;
    return address.kind === 'tcp' && address.port > 0
      ? { ...address, host: address.host || sender || LOCALHOST }
      : undefined;
  } catch {
    return undefined;
  }
}
