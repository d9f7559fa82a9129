import { parseAddress } from '@emperor/config';
import type { Announcement } from '@emperor/protocol';

import type { Backend } from './backend.ts';
import { BackendGroup } from './backend-group.ts';

/** Nodes of all hosts together: whoever can send datagrams to the server must not be able to fill the memory. */
const MAX_NODES = 65_536;
const LOCALHOST = '127.0.0.1';

interface Node {
  readonly backend: Backend;
  announcement: Announcement;
  seenAtMs: number;
}

interface Pool {
  readonly group: BackendGroup;
  readonly nodes: Map<string, Node>;
}

export interface SubscriptionTableSettings {
  /** Time after which a node that is not announced again is forgotten (`subscription-tolerance`). */
  readonly toleranceMs: number;
  /** `subscription-dotsplit`: the host `a.b.c` also belongs to the keys `.b.c` and `.c`. */
  readonly splitsDots: boolean;
  readonly log: (message: string) => void;
}

/** Who answers requests for which host, as announced. It outlives reloads of the router: nothing has to be announced anew. */
export class SubscriptionTable {
  readonly #settings: SubscriptionTableSettings;
  readonly #pools = new Map<string, Pool>();
  #nodeCount = 0;

  constructor(settings: SubscriptionTableSettings) {
    this.#settings = settings;
  }

  /** @param sender address the announcement came from: what `:3031` means */
  announced(announcement: Announcement, sender: string, nowMs: number): void {
    const pool = this.#pools.get(announcement.key);
    const node = pool?.nodes.get(announcement.address);
    if (announcement.leaves) {
      if (pool !== undefined && node !== undefined) this.#remove(pool, node, '');
      return;
    }
    if (node === undefined) this.#add(announcement, sender, nowMs);
    else this.#refresh(node, announcement, nowMs);
  }

  #refresh(node: Node, announcement: Announcement, nowMs: number): void {
    node.seenAtMs = nowMs;
    node.announcement = announcement;
    node.backend.weight = Math.max(1, announcement.weight);
  }

  #add(announcement: Announcement, sender: string, nowMs: number): void {
    const { key, address: name, modifier1, modifier2, protocol, weight } = announcement;
    const address = readAddress(name, sender);
    if (address === undefined || this.#nodeCount >= MAX_NODES) {
      this.#log(
        `${key} => refused node ${name}: ${address === undefined ? 'this is no address' : 'there are too many'}`,
      );
      return;
    }
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { group: new BackendGroup([]), nodes: new Map() };
      this.#pools.set(key, pool);
      this.#log(`new pool: ${key}`);
    }
    const description = { name, address, protocol, modifier1, modifier2, weight: Math.max(1, weight) };
    pool.nodes.set(name, { backend: pool.group.add(description), announcement, seenAtMs: nowMs });
    this.#nodeCount++;
    this.#log(`${key} => new node: ${name}`);
  }

  #remove(pool: Pool, node: Node, why: string): void {
    const { key, address } = node.announcement;
    pool.group.remove(node.backend);
    pool.nodes.delete(address);
    this.#nodeCount--;
    if (pool.nodes.size === 0) this.#pools.delete(key);
    this.#log(`${key} => marking ${address} as failed${why}`);
  }

  /** Forgets nodes that have not been announced for too long. */
  expire(nowMs: number): void {
    const { toleranceMs } = this.#settings;
    for (const pool of this.#pools.values()) {
      for (const node of pool.nodes.values()) {
        if (nowMs - node.seenAtMs > toleranceMs)
          this.#remove(pool, node, ` (no announce received in ${toleranceMs / 1000} seconds)`);
      }
    }
  }

  /**
   * The nodes for a Host header: those announced with exactly this text, as in uWSGI, else those of the host without its port, in lower case.
   */
  find(host: string): BackendGroup | undefined {
    const exact = this.#pools.get(host);
    if (exact !== undefined) return exact.group;
    const bare = host.toLowerCase().replace(/\.?(?::\d*)?$/, '');
    return this.#pools.get(bare)?.group ?? (this.#settings.splitsDots ? this.#findParent(bare) : undefined);
  }

  #findParent(host: string): BackendGroup | undefined {
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const pool = this.#pools.get(host.slice(dot));
      if (pool !== undefined) return pool.group;
    }
    return undefined;
  }

  #log(message: string): void {
    this.#settings.log(`[uwsgi-subscription for pid ${process.pid}] ${message}`);
  }
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
