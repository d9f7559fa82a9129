import { PatternAutomaton, PatternTooLargeError } from './pattern-automaton.ts';
import { parseRegExp, type RegExpTree } from './regexp-tree.ts';
import { strongComponents } from './strong-components.ts';

/**
 * Whether a pattern can take exponential time: where it leads from a place back to the same place over the same bytes in two ways, an
 * engine that tries one way after the other tries 2^n of them before it gives up (`(a+)+$`). What takes only n² or n³ is not counted:
 * n is bounded by the size of a request head. A pattern too large to be examined counts as one that can.
 */
export function isExplosive(pattern: RegExp): boolean {
  try {
    const { tree, lookarounds } = parseRegExp(pattern);
    return [tree, ...lookarounds].some(isAmbiguousInLoop);
  } catch (error) {
    if (error instanceof PatternTooLargeError) return true;
    throw error;
  }
}

function isAmbiguousInLoop(tree: RegExpTree): boolean {
  const { sets, edges } = new PatternAutomaton(tree);
  const component = strongComponents(sets.length, (place) => [...(edges[place]?.keys() ?? [])]);
  /** Edges that stay in a loop. */
  const loops = edges.map((targets, from) => [...targets].filter(([to]) => component[to] === component[from]));
  if (loops.some((targets) => targets.some(([, ways]) => ways > 1))) return true;
  return hasTwoWaysBack(
    sets,
    loops.map((targets) => targets.map(([to]) => to)),
  );
}

/**
 * Walks the pattern twice at the same time over the same bytes: are there two walks that begin at one place, part, and end there again?
 * Then both pairs, the equal and the parted, are in one component of the graph of pairs.
 */
function hasTwoWaysBack(sets: readonly bigint[], loops: readonly (readonly number[])[]): boolean {
  const count = sets.length;
  const overlaps = sets.map((left) => sets.map((right) => (left & right) !== 0n));
  const successors = (pair: number): number[] => {
    const [left, right] = [Math.floor(pair / count), pair % count];
    const pairs: number[] = [];
    for (const to of loops[left] ?? []) {
      for (const other of loops[right] ?? []) if (overlaps[to]?.[other] === true) pairs.push(to * count + other);
    }
    return pairs;
  };
  const component = strongComponents(count * count, successors);
  const equal = new Set<number>();
  for (let place = 0; place < count; place += 1) equal.add(component[place * count + place] ?? -1);
  return component.some((number, pair) => Math.floor(pair / count) !== pair % count && equal.has(number));
}
