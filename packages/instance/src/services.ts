import type { Config } from '@emperor/config';
import type { ExchangeHandler, PacketAnswer, UwsgiPacket } from '@emperor/http';
import type { ControlJobs, ControlNextRun } from '@emperor/protocol';

import type { Caches } from './caches.ts';
import { KINDS } from './service-kinds.ts';
import type { Service, ServiceContext } from './service.ts';

/** The services of one generation. */
export class Services {
  readonly #services = new Map<string, Service>();

  /** @throws StartError for options that cannot be understood */
  constructor(config: Config, context: ServiceContext, predecessors: Services | undefined) {
    for (const kind of KINDS) {
      const service = kind.create(
        config,
        context,
        predecessors === undefined ? undefined : predecessors.#services.get(kind.name),
      );
      if (service !== undefined) this.#services.set(kind.name, service);
    }
  }

  get handlers(): readonly ExchangeHandler[] {
    return this.#all.flatMap((service) => service.handlers ?? []);
  }

  /** For the router, which answers from them. */
  get caches(): Caches | undefined {
    return this.#services.get('caches') as Caches | undefined;
  }

  /** By the name of the service. */
  pythonSettings(): Record<string, unknown> {
    return this.#collect((service) => service.pythonSettings?.());
  }

  /** By the name of the service. */
  status(): Record<string, unknown> {
    return this.#collect((service) => service.status?.());
  }

  /** What processes of this instance are there for, by pid. */
  roles(): ReadonlyMap<number, string> {
    return new Map(this.#all.flatMap((service) => [...(service.roles?.() ?? [])]));
  }

  /** What the clock will start, soonest first. */
  nextRuns(): ControlNextRun[] {
    const runs = this.#all.flatMap((service) => service.nextRuns?.() ?? []);
    return runs.toSorted((one, other) => one.at - other.at);
  }

  jobs(): ControlJobs[] {
    return this.#all.flatMap((service) => service.jobs?.() ?? []);
  }

  /** Answers a packet of the uwsgi protocol that is no request. @returns undefined when no service knows it */
  takePacket(packet: UwsgiPacket): PacketAnswer | undefined {
    for (const service of this.#all) {
      const taken = service.takePacket?.(packet);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  /** Answers a function of the `uwsgi` module. @throws Error when no service has it */
  call(name: string, args: readonly unknown[], workerId: number): unknown {
    for (const { calls } of this.#all) {
      const call = calls?.[name];
      if (call !== undefined) return call(args, workerId);
    }
    throw new Error(`uwsgi.${name}() needs an option that this instance does not have`);
  }

  /** @throws StartError when one of them cannot do what the configuration asks for */
  async prepare(): Promise<void> {
    for (const service of this.#all) await service.prepare?.();
  }

  /** Obeys a letter of the master-fifo. @returns false when it is not known to any service */
  obey(letter: string): boolean {
    const command = this.#all.map(({ fifoCommands }) => fifoCommands?.[letter]).find((found) => found !== undefined);
    command?.();
    return command !== undefined;
  }

  begin(): void {
    for (const service of this.#all) service.begin?.();
  }

  retire(reason: 'reload' | 'stop'): void {
    for (const service of this.#all.toReversed()) service.retire?.(reason);
  }

  /** @param graceMs for what is still answering requests */
  async end(graceMs: number): Promise<void> {
    for (const service of this.#all.toReversed()) await service.end?.(graceMs);
  }

  #collect(ask: (service: Service) => unknown): Record<string, unknown> {
    const answers: Record<string, unknown> = {};
    for (const [name, service] of this.#services) {
      const answer = ask(service);
      if (answer !== undefined) answers[name] = answer;
    }
    return answers;
  }

  get #all(): readonly Service[] {
    return [...this.#services.values()];
  }
}
