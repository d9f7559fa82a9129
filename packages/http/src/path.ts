const HEX_PAIR = /%([0-9a-fA-F]{2})/g;

/** Percent-decodes to latin-1 text (one character per byte). `+` stays, a `%` without two hex digits stays (UWSGI-FACTS 4.6). */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(HEX_PAIR, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * Resolves `.` and `..` segments (RFC 3986 section 5.2.4); `..` never climbs above the root and doubled slashes stay.
 * uWSGI does this before decoding, so an encoded `%2e%2e` reaches the app as it is: whoever opens files must check.
 */
export function removeDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (last && (segment === '.' || segment === '..')) kept.push('');
  });
  return `/${kept.join('/')}`;
}
