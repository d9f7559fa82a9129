/** Encodings a body can be given, in the order in which they are preferred (RFC 9110 section 8.4, RFC 8878). */
export const ENCODINGS = ['zstd', 'br', 'gzip'] as const;

export type Encoding = (typeof ENCODINGS)[number];

export function isEncoding(name: string): name is Encoding {
  return (ENCODINGS as readonly string[]).includes(name);
}
