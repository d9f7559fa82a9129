import type { Encoding } from './encoding.ts';

const QUALITY = /^q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/i;

/** What an `Accept-Encoding` header says: the quality of each coding it names (RFC 9110 section 12.5.3). */
export type Acceptance = ReadonlyMap<string, number>;

/** Reads the header. A member that cannot be understood counts as not wanted. */
export function parseAcceptEncoding(header: string): Acceptance {
  const acceptance = new Map<string, number>();
  for (const member of header.split(',')) {
    const [name = '', parameter] = member.split(';');
    const coding = name.trim().toLowerCase();
    if (coding !== '') acceptance.set(coding === 'x-gzip' ? 'gzip' : coding, qualityOf(parameter));
  }
  return acceptance;
}

function qualityOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const match = QUALITY.exec(parameter.trim());
  return match === null ? 0 : Number(match[1]);
}

/**
 * Chooses what the client likes best; where it likes several the same, the first that is offered.
 * @returns undefined when it wants none of them, or the plain body more
 */
export function chooseEncoding(acceptance: Acceptance, offered: readonly Encoding[]): Encoding | undefined {
  let best: Encoding | undefined;
  let bestQuality = 0;
  for (const encoding of offered) {
    const quality = acceptance.get(encoding) ?? acceptance.get('*') ?? 0;
    if (quality <= bestQuality) continue;
    best = encoding;
    bestQuality = quality;
  }
  return (acceptance.get('identity') ?? 0) > bestQuality ? undefined : best;
}
