/**
 * The alternatives of a pattern's braces, each a pattern of its own: `{a,b}/*.ini` gives `a/*.ini` and `b/*.ini`. Braces nest;
 * a group without a comma, an unclosed one and an escaped one stay as they are.
 */
export function expandBraces(pattern: string): string[] {
  const group = firstGroup(pattern);
  if (group === undefined) return [pattern];
  const before = pattern.slice(0, group.start);
  const after = pattern.slice(group.end + 1);
  return group.alternatives.flatMap((alternative) => expandBraces(before + alternative + after));
}

interface BraceGroup {
  /** Index of `{`. */
  readonly start: number;
  /** Index of `}`. */
  readonly end: number;
  readonly alternatives: readonly string[];
}

function firstGroup(pattern: string): BraceGroup | undefined {
  for (let start = pattern.indexOf('{'); start !== -1; start = pattern.indexOf('{', start + 1)) {
    const group = pattern[start - 1] === '\\' ? undefined : groupAt(pattern, start);
    if (group !== undefined && group.alternatives.length > 1) return group;
  }
  return undefined;
}

function groupAt(pattern: string, start: number): BraceGroup | undefined {
  const alternatives: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '{') depth += 1;
    else if (character === ',' && depth === 1) {
      alternatives.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === '}') {
      depth -= 1;
      if (depth === 0) return { start, end: at, alternatives: [...alternatives, pattern.slice(from, at)] };
    }
  }
  return undefined;
}
