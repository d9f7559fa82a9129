const QUALITY = /^q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * What an `Accept-Encoding` header says about one encoding (RFC 9110 section 12.5.3).
 * @returns its quality from 0 (not wanted) to 1; a member that cannot be understood counts as not wanted
 */
export function encodingQuality(acceptEncoding: string, encoding: string): number {
  let wildcard = 0;
  for (const member of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = member.split(';');
    const coding = name.trim().toLowerCase();
    if (coding === encoding || coding === `x-${encoding}`) return qualityOf(parameters);
    if (coding === '*') wildcard = qualityOf(parameters);
  }
  return wildcard;
}

function qualityOf(parameters: readonly string[]): number {
  if (parameters.length === 0) return 1;
  const match = QUALITY.exec((parameters[0] ?? '').trim());
  return match === null ? 0 : Number(match[1]);
}
