import type { RegExpTree } from './regexp-tree.ts';

/** More places than this are not looked through. */
const MAX_POSITIONS = 300;
/** Copies of what must be repeated exactly so often; more of them show nothing new. */
const MAX_COPIES = 3;

/** A pattern with too many places to be examined. */
export class PatternTooLargeError extends Error {}

/**
 * The position automaton of a pattern (Glushkov's): a state for each place where a byte is matched, and an edge from each place to
 * those that can come next. Edges count in how many ways the pattern leads from one to the other: `(a*)*` has two ways from a to a.
 */
export class PatternAutomaton {
  /** The bytes matched at each place. */
  readonly sets: bigint[] = [];
  readonly edges: Map<number, number>[] = [];

  constructor(tree: RegExpTree) {
    this.#build(tree);
  }

  #build(tree: RegExpTree): Fragment {
    switch (tree.kind) {
      case 'empty':
        return { nullable: true, first: [], last: [] };
      case 'byte':
        return this.#position(tree.set);
      case 'sequence':
        return tree.items.reduce((left, item) => this.#join(left, this.#build(item)), NOTHING);
      case 'choice':
        return tree.options.map((option) => this.#build(option)).reduce(either);
      default:
        return this.#repeat(tree.item, tree.min, tree.max);
    }
  }

  #position(set: bigint): Fragment {
    const position = this.sets.push(set) - 1;
    if (position >= MAX_POSITIONS) throw new PatternTooLargeError();
    this.edges.push(new Map());
    return { nullable: false, first: [position], last: [position] };
  }

  #repeat(item: RegExpTree, min: number, max: number): Fragment {
    if (max === 0) return NOTHING;
    let whole = NOTHING;
    for (let copy = 1; copy < Math.min(min, MAX_COPIES); copy += 1) whole = this.#join(whole, this.#build(item));
    const last = this.#build(item);
    // A repetition with a bound is as bad as one without, when the bound is not very small.
    if (max - min > 1) this.#connect(last, last);
    const closing = min === 0 ? { ...last, nullable: true } : last;
    whole = this.#join(whole, closing);
    return max - min === 1 && min > 0 ? this.#join(whole, { ...this.#build(item), nullable: true }) : whole;
  }

  #join(left: Fragment, right: Fragment): Fragment {
    this.#connect(left, right);
    return {
      nullable: left.nullable && right.nullable,
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
    };
  }

  #connect({ last }: Fragment, { first }: Fragment): void {
    for (const from of last) {
      const edges = this.edges[from];
      for (const to of first) edges?.set(to, (edges.get(to) ?? 0) + 1);
    }
  }
}

/** A part of a pattern: where it can begin and end, and whether it can match nothing. */
interface Fragment {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const NOTHING: Fragment = { nullable: true, first: [], last: [] };

function either(left: Fragment, right: Fragment): Fragment {
  return {
    nullable: left.nullable || right.nullable,
    first: [...left.first, ...right.first],
    last: [...left.last, ...right.last],
  };
}
