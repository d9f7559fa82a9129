import { preferred, strictest, type ResourceLimits } from '../limits/resource-limits.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import { SocketChooser, type SocketSources } from '../on-demand/socket-chooser.ts';
import type { VassalSeed } from '../vassal/vassal-seed.ts';
import { readAttributes } from './vassal-attributes.ts';

export interface SeedSources {
  readonly sockets: SocketSources;
  /** Of every vassal. */
  readonly limits: ResourceLimits;
}

/** Finds out what the emperor has to know of a file before it runs. */
export class SeedReader {
  readonly #sources: SeedSources;
  readonly #sockets: SocketChooser;
  readonly #complain: (problem: string) => void;

  constructor(sources: SeedSources, complain: (problem: string) => void) {
    this.#sources = sources;
    this.#sockets = new SocketChooser(sources.sockets, complain);
    this.#complain = complain;
  }

  /** At once, unless a command has to be asked. */
  read(file: VassalFile): VassalSeed | Promise<VassalSeed> {
    const { sockets, limits: common } = this.#sources;
    const attributes = readAttributes(file.path);
    for (const problem of attributes.problems) this.#complain(problem);
    const { after } = attributes;
    // What is set for all is a bound for those who are not trusted.
    const limits = (sockets.isTyrant ? strictest : preferred)(attributes.limits, common);
    const wish = this.#sockets.choose(file, attributes);
    if (wish instanceof Promise) return wish.then((found) => ({ file, wish: found, after, limits }));
    return { file, wish, after, limits };
  }
}
