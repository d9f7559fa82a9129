import type { Config } from '@emperor/config';
import { BoundDatagramSocket } from '@emperor/posix';
import {
  AnnouncementSender,
  type BalanceName,
  SubscriptionServer,
  SubscriptionTable,
  type SubscriptionTableSettings,
} from '@emperor/router';

import { bindError } from './bind-error.ts';
import { type BoundAddress, type SideAddress, sideAddresses } from './listeners.ts';
import { givePermissions, removeStaleFile, SocketFile } from './socket-file.ts';
import { StartError } from './start-error.ts';

const MS_PER_SECOND = 1000;
const EXPIRY_MS = 1000;

/** What the table of announcements reports to. */
export type SubscriptionEvents = Pick<SubscriptionTableSettings, 'log' | 'onInhabited'>;

interface OpenServer {
  readonly server: SubscriptionServer;
  readonly file: SocketFile | undefined;
}

/**
 * Where vassals announce their hosts (`http-subscription-server`). The table and the sockets outlive a reload: the successor takes
 * over what both configurations have.
 */
export class SubscriptionServers {
  readonly table: SubscriptionTable;
  readonly #config: Config;
  readonly #settings: SubscriptionTableSettings;
  #predecessor: SubscriptionServers | undefined;
  readonly #servers = new Map<string, OpenServer>();
  readonly #resubscribe: AnnouncementSender[] = [];
  readonly #followers = new Set<AnnouncementSender>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(config: Config, events: SubscriptionEvents, predecessor: SubscriptionServers | undefined) {
    const { options } = config;
    this.#config = config;
    this.#predecessor = predecessor;
    this.#settings = {
      ...events,
      toleranceMs: options['subscription-tolerance'] * MS_PER_SECOND,
      splitsDots: options['subscription-dotsplit'],
      // The table of options lets no other text pass.
      balance: options['subscription-algo'] as BalanceName,
    };
    this.table = predecessor?.table ?? new SubscriptionTable(this.#settings);
  }

  has(name: string): boolean {
    return this.#servers.has(name);
  }

  /** @returns the servers that a successor wants; they are not closed here any more */
  handOver(wanted: ReadonlySet<string>): [name: string, OpenServer][] {
    const handed = [...this.#servers].filter(([name]) => wanted.has(name));
    for (const [name] of handed) this.#servers.delete(name);
    return handed;
  }

  /** Opens the addresses that the predecessor has not. @throws StartError that says what is wrong with which */
  async prepare(): Promise<void> {
    for (const wanted of await sideAddresses(this.#config, 'http-subscription-server')) {
      if (this.#predecessor?.has(wanted.name) === true) continue;
      const socket = this.#bind(wanted);
      this.#servers.set(wanted.name, { server: new SubscriptionServer(socket, this.table), file: fileOf(wanted) });
      this.#settings.log(`uWSGI http subscription server bound on ${wanted.name} fd ${socket.descriptor}`);
    }
    for (const { address, name, origin } of await sideAddresses(this.#config, 'http-resubscribe')) {
      if (address.kind === 'fd') throw new StartError(`${origin}: http-resubscribe = ${name}: this is no address`);
      this.#resubscribe.push(new AnnouncementSender(address));
    }
  }

  #bind({ name, address, origin }: SideAddress): BoundDatagramSocket {
    try {
      return this.#open(origin, address);
    } catch (error) {
      throw bindError({ name, origin, target: address, option: 'http-subscription-server' }, error);
    }
  }

  #open(origin: string, address: BoundAddress): BoundDatagramSocket {
    const { options } = this.#config;
    switch (address.kind) {
      case 'tcp':
        return BoundDatagramSocket.udp(address.host, address.port);
      case 'unix': {
        removeStaleFile(origin, address.path);
        const socket = BoundDatagramSocket.unix(address.path);
        const permissions = { mode: options['chmod-socket'], owner: options['chown-socket'] };
        if (!address.path.startsWith('\0')) givePermissions(permissions, address.path);
        return socket;
      }
      case 'fd':
        throw new StartError(`${origin}: a subscription server is bound to HOST:PORT or the path of a UNIX socket`);
      default:
        return address satisfies never;
    }
  }

  /** Takes over from the predecessor. */
  begin(): void {
    const wanted = new Set(this.#config.options['http-subscription-server']);
    for (const [name, server] of this.#predecessor?.handOver(wanted) ?? []) this.#servers.set(name, server);
    this.#predecessor = undefined;
    this.table.reconfigure(this.#settings);
    this.#tellServers();
    this.#expiry = setInterval(() => this.table.expire(performance.now()), EXPIRY_MS).unref();
  }

  /** Tells another process what has been announced so far, and from now on. */
  follow(process: AnnouncementSender): void {
    for (const announcement of this.table.announcements()) process.send(announcement);
    this.#followers.add(process);
    this.#tellServers();
  }

  unfollow(process: AnnouncementSender): void {
    this.#followers.delete(process);
    this.#tellServers();
  }

  #tellServers(): void {
    for (const { server } of this.#servers.values()) server.resubscribe = [...this.#resubscribe, ...this.#followers];
  }

  /** The successor looks after the table. */
  retire(): void {
    clearInterval(this.#expiry);
  }

  /** Closes what nobody has taken over. */
  async end(): Promise<void> {
    this.retire();
    for (const { server, file } of this.#servers.values()) {
      server.close();
      file?.remove();
    }
    await Promise.all(this.#resubscribe.map((sender) => sender.close()));
  }
}

function fileOf({ address }: SideAddress): SocketFile | undefined {
  return address.kind === 'unix' && !address.path.startsWith('\0') ? new SocketFile(address.path) : undefined;
}
