/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; gives up above `limit`. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}

/** Longest name worth comparing; real ones have up to 40 characters. */
const LONGEST = 60;

/** The known name that a misspelt one probably means: one slip in a short word, two in a longer, three in a long one. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const wanted = normalize(written);
  if (wanted.length < 3 || wanted.length > LONGEST) return undefined;
  let nearest: string | undefined;
  let limit = wanted.length < 8 ? 1 : wanted.length < 15 ? 2 : 3;
  for (const name of names) {
    const known = normalize(name);
    const found = isCutShort(wanted, known) ? 1 : distance(wanted, known, limit);
    if (found > limit || (found === limit && nearest !== undefined)) continue;
    nearest = name;
    limit = found;
  }
  return nearest;
}

/** `process` for `processes`. */
function isCutShort(wanted: string, known: string): boolean {
  return wanted.length > 3 && known.length - wanted.length <= 3 && known.startsWith(wanted);
}

/** `Python_Path` and `python-path` differ in nothing that matters. */
function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[_.\s]/g, '-');
}
