import { parseAcceptEncoding } from '../encode/accept-encoding.ts';
import type { FileStore, StoredFile } from './file-store.ts';
import { optionPattern, type StaticOptions } from './static-options.ts';

/** The codings that twins come in, best compression first, with the suffix of the file. */
const SUFFIXES = { br: '.br', zstd: '.zst', gzip: '.gz' } as const;
type Coding = keyof typeof SUFFIXES;
const CODINGS = Object.keys(SUFFIXES) as Coding[];

/** Clients send only a few different headers; each is read once. */
const REMEMBERED_HEADERS = 64;

/** What to send in place of a file. */
export interface Representation {
  readonly file: StoredFile;
  /** Content-Encoding; undefined for the file itself. */
  readonly coding: Coding | undefined;
  /** The answer depends on Accept-Encoding. */
  readonly varies: boolean;
}

/** Finds compressed twins of files: `app.css.gz` and the like beside `app.css` (`static-gzip…`, UWSGI-FACTS 6.5). */
export class Precompressed {
  readonly #store: FileStore;
  readonly #hasTwins: (realPath: string) => boolean;
  readonly #accepted = new Map<string, readonly Coding[]>();

  /** @throws {StaticOptionError} for a bad `static-gzip` */
  constructor(options: StaticOptions, store: FileStore) {
    this.#store = store;
    this.#hasTwins = twinTest(options);
  }

  /** The twin in the coding that the client wants most, or the file itself. */
  choose(file: StoredFile, acceptEncoding: string | undefined, roots: readonly string[]): Representation {
    if (!this.#hasTwins(file.realPath)) return { file, coding: undefined, varies: false };
    const accepted = this.#acceptedCodings(acceptEncoding ?? '');
    for (const coding of accepted) {
      const twin = this.#find(file, coding, roots);
      if (twin !== undefined) return { file: twin, coding, varies: true };
    }
    const varies = CODINGS.some(
      (coding) => !accepted.includes(coding) && this.#find(file, coding, roots) !== undefined,
    );
    return { file, coding: undefined, varies };
  }

  /** Those that are wanted no less than the plain file, most wanted first; among equals the one that compresses best. */
  #acceptedCodings(header: string): readonly Coding[] {
    let accepted = this.#accepted.get(header);
    if (accepted === undefined) {
      const acceptance = parseAcceptEncoding(header);
      const plain = acceptance.get('identity') ?? 0;
      const quality = (coding: Coding): number => acceptance.get(coding) ?? acceptance.get('*') ?? 0;
      accepted = CODINGS.filter((coding) => quality(coding) > 0 && quality(coding) >= plain).toSorted(
        (a, b) => quality(b) - quality(a),
      );
      if (this.#accepted.size >= REMEMBERED_HEADERS) this.#accepted.clear();
      this.#accepted.set(header, accepted);
    }
    return accepted;
  }

  #find(file: StoredFile, coding: Coding, roots: readonly string[]): StoredFile | undefined {
    const twin = this.#store.lookup(file.realPath + SUFFIXES[coding], roots);
    return typeof twin === 'object' && 'realPath' in twin ? twin : undefined;
  }
}

function twinTest(options: StaticOptions): (realPath: string) => boolean {
  if (options['static-gzip-all'] === true) return () => true;
  const prefixes = [...(options['static-gzip-dir'] ?? []), ...(options['static-gzip-prefix'] ?? [])];
  const suffixes = [...(options['static-gzip-ext'] ?? []), ...(options['static-gzip-suffix'] ?? [])];
  const patterns = (options['static-gzip'] ?? []).map((value) => optionPattern('static-gzip', value, value));
  return (realPath) =>
    suffixes.some((suffix) => realPath.endsWith(suffix)) ||
    prefixes.some((prefix) => realPath.startsWith(prefix)) ||
    patterns.some((pattern) => pattern.test(realPath));
}
