import { findHeader } from '@emperor/http';

/** What is kept of the head of a page that is stored with it (JSON). */
export interface StoredHead {
  readonly status: number;
  readonly reason: string;
  /** Flat list of names and values. */
  readonly headers: readonly string[];
  /** Unix time in seconds when it was made. */
  readonly madeAt: number;
  /** Headers of requests that the answer depends on, as variables, with what they were: flat. */
  readonly varies: readonly string[];
}

/** Headers of one connection or one answer (RFC 9111 section 3.1), and the length, which is known. */
const NOT_KEPT = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'age',
  'date',
  'uwsgi-encoding',
]);

export function keptHeaders(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (!NOT_KEPT.has(name.toLowerCase())) kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}

/** What the answer depends on, for this request; undefined when it depends on what no request shows (`*`). */
export function variesOn(
  headers: readonly string[],
  variable: (name: string) => string | undefined,
): string[] | undefined {
  const names = (findHeader(headers, 'vary') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.includes('*')) return undefined;
  return names
    .map((name) => `HTTP_${name.toUpperCase().replaceAll('-', '_')}`)
    .toSorted()
    .flatMap((name) => [name, variable(name) ?? '']);
}

/** Whether a stored page is for a request with such variables. */
export function suits({ varies }: StoredHead, variable: (name: string) => string | undefined): boolean {
  for (let i = 0; i < varies.length; i += 2) if ((variable(varies[i] ?? '') ?? '') !== varies[i + 1]) return false;
  return true;
}

/** The key of the variant of a page for a request. */
export function variantKey(
  key: string,
  { varies }: Pick<StoredHead, 'varies'>,
  variable: (name: string) => string | undefined,
): string {
  let variant = key;
  for (let i = 0; i < varies.length; i += 2) variant += `\0${variable(varies[i] ?? '') ?? ''}`;
  return variant;
}

export function encodeHead(head: StoredHead): string {
  return JSON.stringify(head);
}

/** @returns undefined for what is none of ours */
export function decodeHead(text: string | undefined): StoredHead | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as StoredHead;
  } catch {
    return undefined;
  }
}
