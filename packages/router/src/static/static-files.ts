import { Buffer } from 'node:buffer';
import path from 'node:path';

import type { Exchange, ExchangeHandler } from '@emperor/http';

import { ExpiresRules, type ExpiresSubjects } from './expires.ts';
import { sendFile } from './file-answer.ts';
import { FileStore, type StoredFile } from './file-store.ts';
import { loadMimeTypes, type MimeTypes } from './mime-types.ts';
import { Precompressed } from './precompressed.ts';
import { redirectToDirectory } from './redirect.ts';
import { type Candidate, type StaticMount, staticMounts } from './static-mount.ts';
import type { StaticOptions } from './static-options.ts';

const DEFAULT_MIME_FILES = ['/etc/mime.types', '/etc/apache2/mime.types'];
/** Headers that have the server in front send a file, by `file-serve-mode`. */
const DELEGATES: ReadonlyMap<string, string> = new Map([
  ['nginx', 'X-Accel-Redirect'],
  ['x-accel-redirect', 'X-Accel-Redirect'],
  ['x-sendfile', 'X-Sendfile'],
  ['xsendfile', 'X-Sendfile'],
]);
const OFFERS_RANGES: readonly string[] = ['Accept-Ranges', 'bytes'];
const NONE: readonly string[] = [];
// oxlint-disable-next-line no-control-regex -- everything that is not ASCII
const NOT_ASCII = /[^\x00-\x7f]/;

/** What serves the files of an instance, and what is to be said about it at start. */
export interface StaticFiles {
  readonly handler: ExchangeHandler;
  readonly notices: readonly string[];
}

/**
 * Makes what answers GET and HEAD requests with files (UWSGI-FACTS 10). Whatever is not a file is passed on.
 * @param log gets a line when a file is refused
 * @returns undefined when no option asks for static files
 * @throws {StaticOptionError} for an option that cannot be used
 */
export function createStaticFiles(
  options: StaticOptions,
  workingDirectory: string,
  log: (line: string) => void,
): StaticFiles | undefined {
  const mounts = staticMounts(options, workingDirectory);
  if (mounts.length === 0) return undefined;
  const notices: string[] = [];
  for (const map of [...(options['static-map'] ?? []), ...(options['static-map2'] ?? [])]) {
    const equals = map.indexOf('=');
    notices.push(`[uwsgi-static] added mapping for ${map.slice(0, equals)} => ${map.slice(equals + 1)}`);
  }
  for (const directory of options['check-static'] ?? []) notices.push(`[uwsgi-static] added check for ${directory}`);
  const mimeFiles = options['mime-file'] ?? [];
  const types = loadMimeTypes(mimeFiles.length > 0 ? mimeFiles : DEFAULT_MIME_FILES, notices);
  return { handler: new StaticFileHandler(options, workingDirectory, mounts, types, log), notices };
}

class StaticFileHandler implements ExchangeHandler {
  readonly #mounts: readonly StaticMount[];
  readonly #types: MimeTypes;
  readonly #log: (line: string) => void;
  readonly #store = new FileStore();
  readonly #precompressed: Precompressed;
  readonly #expires: ExpiresRules;
  readonly #indexes: readonly string[];
  readonly #skippedSuffixes: readonly string[];
  readonly #safe: readonly string[];
  /** Roots by mount directory: itself and the safe directories. */
  readonly #roots = new Map<string, readonly string[]>();
  readonly #usesDocumentRoot: boolean;
  readonly #sendsTags: boolean;
  readonly #honoursRanges: boolean;
  /** Said only where a tag is sent: uWSGI says neither. */
  readonly #offersRanges: boolean;
  readonly #via: string;
  readonly #usesSendfile: boolean;
  readonly #delegate: string | undefined;

  constructor(
    options: StaticOptions,
    workingDirectory: string,
    mounts: readonly StaticMount[],
    types: MimeTypes,
    log: (line: string) => void,
  ) {
    this.#mounts = mounts;
    this.#types = types;
    this.#log = log;
    this.#precompressed = new Precompressed(options, this.#store);
    this.#expires = new ExpiresRules(options);
    this.#indexes = options['static-index'] ?? [];
    this.#skippedSuffixes = options['static-skip-ext'] ?? [];
    this.#safe = (options['static-safe'] ?? []).map((directory) => path.resolve(workingDirectory, directory));
    this.#usesDocumentRoot = options['check-static-docroot'] === true;
    this.#sendsTags = options['static-etag'] === true;
    this.#honoursRanges = options['honour-range'] === true;
    this.#offersRanges = this.#sendsTags && this.#honoursRanges;
    this.#via = (options['offload-threads'] ?? 0) > 0 ? 'offload()' : 'sendfile()';
    this.#usesSendfile = options['disable-sendfile'] !== true;
    this.#delegate = DELEGATES.get(options['file-serve-mode'] ?? '');
  }

  handle(exchange: Exchange): boolean {
    const { variables } = exchange;
    const method = variables.get('REQUEST_METHOD');
    if (method !== 'GET' && method !== 'HEAD') return false;
    const requested = fileNameOf(variables.get('PATH_INFO') ?? '');
    if (requested === undefined || this.#skippedSuffixes.some((suffix) => requested.endsWith(suffix))) return false;
    const documentRoot = this.#usesDocumentRoot ? variables.get('DOCUMENT_ROOT') : undefined;
    for (const mount of this.#mounts) {
      const candidate = mount(requested, documentRoot);
      if (candidate !== undefined && this.#serve(exchange, candidate)) return true;
    }
    return false;
  }

  #serve(exchange: Exchange, candidate: Candidate): boolean {
    const roots = this.#rootsOf(candidate.root);
    const found = this.#store.lookup(candidate.file, roots);
    if (found === undefined) return false;
    if (found === 'directory') return this.#serveIndex(exchange, candidate, roots);
    return this.#acceptable(found, roots) && this.#send(exchange, candidate.file, found, roots);
  }

  #serveIndex(exchange: Exchange, { file }: Candidate, roots: readonly string[]): boolean {
    for (const index of this.#indexes) {
      const indexFile = file.endsWith('/') ? file + index : `${file}/${index}`;
      const found = this.#store.lookup(indexFile, roots);
      if (found === undefined || found === 'directory' || !this.#acceptable(found, roots)) continue;
      return redirectToDirectory(exchange) || this.#send(exchange, indexFile, found, roots);
    }
    return false;
  }

  #acceptable(found: StoredFile | { readonly outside: string }, roots: readonly string[]): found is StoredFile {
    if (!('outside' in found)) return true;
    this.#log(`[uwsgi-fileserve] security error: ${found.outside} is not under ${roots[0]} or a safe path`);
    return false;
  }

  #send(exchange: Exchange, name: string, found: StoredFile, roots: readonly string[]): boolean {
    const { variables } = exchange;
    const { file, coding, varies } = this.#precompressed.choose(found, variables.get('HTTP_ACCEPT_ENCODING'), roots);
    const contentType = this.#types.of(name) ?? this.#types.of(found.realPath);
    const etag = this.#sendsTags ? `"${file.tag}${coding === undefined ? '' : `-${coding}`}"` : undefined;
    const expires = this.#expires.isEmpty ? undefined : this.#expiresOf(exchange, found, contentType);
    return sendFile(exchange, {
      file,
      roots,
      leading: leadingHeaders(coding, expires?.byPattern),
      contentType,
      middle: expires?.byType === undefined ? NONE : ['Expires', expires.byType],
      trailing: this.#trailingHeaders(etag, varies),
      offers: this.#offersRanges ? OFFERS_RANGES : NONE,
      etag,
      honoursRanges: this.#honoursRanges,
      via: this.#via,
      usesSendfile: this.#usesSendfile,
      delegate: this.#delegate,
    });
  }

  #trailingHeaders(etag: string | undefined, varies: boolean): readonly string[] {
    if (etag === undefined && !varies) return NONE;
    const headers = etag === undefined ? [] : ['ETag', etag];
    if (varies) headers.push('Vary', 'Accept-Encoding');
    return headers;
  }

  #expiresOf(
    { variables }: Exchange,
    file: StoredFile,
    contentType: string | undefined,
  ): { byPattern: string | undefined; byType: string | undefined } {
    const uri = variables.get('REQUEST_URI') ?? '';
    const subjects: ExpiresSubjects = { file, uri, path: variables.get('PATH_INFO') ?? '', contentType };
    const now = Math.floor(Date.now() / 1000);
    const byPattern = this.#expires.byPattern(subjects, now);
    return { byPattern, byType: byPattern === undefined ? this.#expires.byType(subjects, now) : undefined };
  }

  #rootsOf(root: string): readonly string[] {
    let roots = this.#roots.get(root);
    if (roots === undefined) {
      roots = [root, ...this.#safe];
      // a document root comes with the request: any number of them may be sent
      if (!this.#usesDocumentRoot) this.#roots.set(root, roots);
    }
    return roots;
  }
}

function leadingHeaders(coding: string | undefined, expires: string | undefined): readonly string[] {
  if (coding === undefined && expires === undefined) return NONE;
  const headers = coding === undefined ? [] : ['Content-Encoding', coding];
  if (expires !== undefined) headers.push('Expires', expires);
  return headers;
}

/** PATH_INFO, which holds bytes, as the name of a file; undefined when no file can have that name. */
function fileNameOf(pathInfo: string): string | undefined {
  if (pathInfo.includes('\0')) return undefined;
  const rooted = pathInfo.startsWith('/') ? pathInfo : `/${pathInfo}`;
  return NOT_ASCII.test(rooted) ? Buffer.from(rooted, 'latin1').toString('utf8') : rooted;
}
