/** Text that is not in the part of YAML we read. */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
}

const DOUBLE = /^"([^"\\]*(?:\\.[^"\\]*)*)"\s*(?:#.*)?$/;
const SINGLE = /^'([^']*(?:''[^']*)*)'\s*(?:#.*)?$/;

/**
 * The text of a plain or quoted scalar, without a comment behind it.
 * @throws {YamlProblem} for what is neither
 */
export function parseScalar(text: string): string {
  const first = text[0];
  if (first === '"') return unescape(DOUBLE.exec(text)?.[1]);
  if (first === "'") return quoted(SINGLE.exec(text)?.[1]).replaceAll("''", "'");
  if (first === '&' || first === '*' || first === '!')
    throw new YamlProblem('anchors, aliases and tags are not supported');
  if (first === '{') throw new YamlProblem('a map where text is expected');
  return withoutComment(text);
}

/** Plain text up to a `#` that has a blank, or nothing, in front of it. */
export function withoutComment(text: string): string {
  for (let at = text.indexOf('#'); at !== -1; at = text.indexOf('#', at + 1)) {
    if (at === 0 || text[at - 1] === ' ' || text[at - 1] === '\t') return text.slice(0, at).trimEnd();
  }
  return text.trimEnd();
}

/**
 * The items of `[a, "b", 'c']`.
 * @throws {YamlProblem} when it is not such a list
 */
export function parseFlowList(text: string): string[] {
  const inner = /^\[(.*)\]\s*(?:#.*)?$/.exec(text)?.[1];
  if (inner === undefined) throw new YamlProblem('the list is not closed on its line: expected "]"');
  const items: string[] = [];
  const item = /\s*("[^"\\]*(?:\\.[^"\\]*)*"\s*|'[^']*(?:''[^']*)*'\s*|[^,[\]{}"'][^,[\]{}]*|)(,|$)/y;
  while (item.lastIndex < inner.length) {
    const found = item.exec(inner);
    if (found === null) throw new YamlProblem('an item of the list is not plain or quoted text');
    items.push(parseScalar((found[1] ?? '').trim()));
  }
  return items;
}

function quoted(text: string | undefined): string {
  if (text === undefined) throw new YamlProblem('the quoted text is not closed on its line');
  return text;
}

const ESCAPES: Readonly<Record<string, string | undefined>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  e: '\u001B',
  a: '\u0007',
  b: '\b',
};

function unescape(text: string | undefined): string {
  return quoted(text).replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/g,
    (_written, hex?: string, wide?: string, letter?: string) => {
      if (letter !== undefined) return ESCAPES[letter] ?? letter;
      return String.fromCodePoint(Number.parseInt(hex ?? wide ?? '0', 16));
    },
  );
}
