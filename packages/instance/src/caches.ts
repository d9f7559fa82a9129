import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import {
  type Cache,
  type CacheDefinition,
  CacheDefinitionError,
  describeCache,
  openCache,
  type OpenedCache,
  readCacheDefinitions,
} from '@emperor/cache';
import type { Config } from '@emperor/config';

import type { PacketAnswer, UwsgiPacket } from '@emperor/http';

import { takeCachePacket } from './cache-packets.ts';
import { misdirected, preloadCaches } from './cache-preload.ts';
import type { Service, ServiceContext, ServiceKind } from './service.ts';
import { StartError } from './start-error.ts';

const MS_PER_SECOND = 1000;

/** Generations whose caches lie side by side while one replaces the other. */
let generations = 0;

/** The caches of one generation. Like uWSGI's they are empty at the start, but for those with a store or a URL. */
export class Caches implements Service {
  readonly #config: Config;
  readonly #context: ServiceContext;
  readonly #definitions: readonly CacheDefinition[];
  readonly #warnings: readonly string[];
  readonly #opened = new Map<string, OpenedCache>();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Of what ends with this generation; undefined before it is made. */
  #directory: string | undefined;

  constructor(
    config: Config,
    context: ServiceContext,
    definitions: readonly CacheDefinition[],
    warnings: readonly string[],
  ) {
    this.#config = config;
    this.#context = context;
    this.#definitions = definitions;
    this.#warnings = warnings;
  }

  /** Names, the default one first. */
  get names(): readonly string[] {
    return this.#definitions.map(({ name }) => name);
  }

  /** The cache of that name, the first one for an empty name; undefined where there is none (yet). */
  find(name: string): Cache | undefined {
    return this.#opened.get(name === '' ? (this.#definitions[0]?.name ?? '') : name)?.cache;
  }

  takePacket(packet: UwsgiPacket): PacketAnswer | undefined {
    return takeCachePacket(packet, (name) => this.find(name));
  }

  pythonSettings(): unknown {
    return this.#definitions.map(({ mathInitial, ...definition }) => ({
      ...definition,
      mathInitial: Number(mathInitial),
      path: this.#opened.get(definition.name)?.path ?? null,
      synchronous: definition.store === undefined ? 'OFF' : 'NORMAL',
      url: definition.url ?? null,
    }));
  }

  async prepare(): Promise<void> {
    const { log, runtimeDirectory, directory } = this.#context;
    for (const warning of [...this.#warnings, ...misdirected(this.#config, this.names)]) log.line(warning);
    generations += 1;
    this.#directory = join(runtimeDirectory.path, `caches-${generations}`);
    mkdirSync(this.#directory, { mode: 0o700 });
    runtimeDirectory.handOver(this.#directory);
    const places = { directory: this.#directory, workingDirectory: directory, log: log.line };
    for (const definition of this.#definitions) {
      const opened = await openCache(definition, places);
      this.#opened.set(definition.name, opened);
      for (const file of opened.files) runtimeDirectory.handOver(file);
      log.line(describeCache(definition));
      await preloadCaches(
        this.#config,
        opened.cache,
        (file) => readPreloaded(resolve(directory, file), file),
        log.line,
      );
    }
  }

  begin(): void {
    const { log } = this.#context;
    const swept = this.#definitions.filter(({ sweepSeconds }) => sweepSeconds > 0);
    for (const definition of swept) {
      this.#timers.push(
        setInterval(() => void this.#sweep(definition), definition.sweepSeconds * MS_PER_SECOND).unref(),
      );
    }
    for (const { name, store, storeSyncSeconds: seconds } of this.#definitions) {
      if (store === undefined || seconds === 0) continue;
      const sync = (): void => void this.#opened.get(name)?.cache.sync();
      this.#timers.push(setInterval(sync, seconds * MS_PER_SECOND).unref());
    }
    if (swept.length > 0) log.line('cache sweeper thread enabled');
  }

  async #sweep({ name }: CacheDefinition): Promise<void> {
    const count = (await this.#opened.get(name)?.cache.sweep()) ?? 0;
    if (count > 0 && this.#config.options['cache-report-freed-items'])
      this.#context.log.line(`freed ${count} items for cache "${name}"`);
  }

  /** For the statistics as well: uWSGI's fields in uWSGI's order (UWSGI-FACTS 14.4). */
  status(): object[] {
    return this.#definitions.map((definition) => {
      const { name, hash, hashSize, keyBytes, items, blocks, blockBytes } = definition;
      const counted = this.#opened.get(name)?.cache.statistics();
      return {
        name,
        hash,
        hashsize: hashSize,
        keysize: keyBytes,
        max_items: items,
        blocks,
        blocksize: blockBytes,
        items: counted?.items ?? 0,
        hits: counted?.hits ?? 0,
        miss: counted?.misses ?? 0,
        full: counted?.full ?? 0,
        last_modified_at: counted?.changedAt ?? 0,
      };
    });
  }

  retire(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async end(): Promise<void> {
    this.retire();
    for (const { cache } of this.#opened.values()) await cache.close();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }
}

function readPreloaded(path: string, written: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StartError(`load-file-in-cache = ${written}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The service of a configuration that asks for caches. @throws StartError */
function createCaches(config: Config, context: ServiceContext): Caches {
  try {
    const { definitions, warnings } = readCacheDefinitions(config);
    return new Caches(config, context, definitions, warnings);
  } catch (error) {
    if (error instanceof CacheDefinitionError) throw new StartError(error.message);
    throw error;
  }
}

export const CACHES: ServiceKind = {
  name: 'caches',
  create(config, context) {
    if (config.options.cache === 0 && config.options.cache2.length === 0) return undefined;
    return createCaches(config, context);
  },
};
