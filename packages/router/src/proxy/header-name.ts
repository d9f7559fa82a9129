/** Names are chosen by clients, so the table of known ones must not grow without limit. */
const MAX_KNOWN_NAMES = 1024;
const known = new Map<string, string>();

/** The header a variable such as `HTTP_USER_AGENT` came from, in its usual spelling: `User-Agent`. */
export function headerName(variable: string): string {
  const found = known.get(variable);
  if (found !== undefined) return found;
  const name = variable
    .slice('HTTP_'.length)
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/(?:^|-)[a-z]/g, (initial) => initial.toUpperCase());
  if (known.size < MAX_KNOWN_NAMES) known.set(variable, name);
  return name;
}
