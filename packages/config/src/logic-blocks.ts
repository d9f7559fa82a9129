import { boundedReplace } from './bounded-replace.ts';
import { evaluateCondition, isCondition, type Surroundings, type Verdict } from './conditions.ts';
import { isLoop, loopItems } from './loops.ts';
import { withValue, type RawEntry } from './raw-entry.ts';

interface IfBlock {
  readonly kind: 'if';
  readonly opener: RawEntry;
  verdict: Verdict;
  /** False inside a branch that is not taken: nothing in it is looked at, not even its conditions. */
  readonly reached: boolean;
}

interface ForBlock {
  readonly kind: 'for';
  readonly opener: RawEntry;
  readonly items: Iterable<string>;
  readonly body: RawEntry[];
  /** Blocks opened and not yet closed inside the body. */
  depth: number;
}

/** Where lines go that are not part of the logic, and where problems are told. */
export interface BlockSink extends Surroundings {
  take(entry: RawEntry): void;
  /** Counts a line, and ends the reading when there are too many. */
  countLine(entry: RawEntry): void;
  fail(entry: RawEntry, error: unknown): void;
  warn(entry: RawEntry, message: string): void;
}

/**
 * The `if-…`/`else`/`endif` and `for…`/`endfor` blocks round the lines of a configuration.
 *
 * In uWSGI a block cannot stand in a block; here it can. Without nesting the order is uWSGI's: each line of a loop is
 * repeated for all items before the next line is.
 */
export class LogicBlocks {
  readonly #sink: BlockSink;
  readonly #open: (IfBlock | ForBlock)[] = [];

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  /** Takes the next line, in order. */
  add(entry: RawEntry): void {
    this.#sink.countLine(entry);
    const block = this.#open.at(-1);
    if (block?.kind === 'for') this.#collect(block, entry);
    else if (closesBlock(entry.key, block !== undefined)) this.#open.pop();
    else if (entry.key === 'else') this.#otherwise(block, entry);
    else if (opensBlock(entry.key)) this.#openBlock(entry);
    else if (block === undefined || block.verdict !== undefined) this.#sink.take(this.#withItem(entry));
  }

  /** Tells of blocks left open. A loop left open is run over what there is, as in uWSGI. */
  finish(): void {
    for (let block = this.#open.pop(); block !== undefined; block = this.#open.pop()) {
      const end = block.kind === 'for' ? 'endfor' : 'endif';
      this.#sink.warn(
        block.opener,
        `"${block.opener.key}" is never closed by "${end}": it rules every line up to the end`,
      );
      if (block.kind === 'for') this.#run(block);
    }
  }

  #collect(block: ForBlock, entry: RawEntry): void {
    if (opensBlock(entry.key)) block.depth += 1;
    else if (closesBlock(entry.key, true)) {
      if (block.depth === 0) {
        this.#open.pop();
        this.#run(block);
        return;
      }
      block.depth -= 1;
    }
    block.body.push(entry);
  }

  #openBlock(opener: RawEntry): void {
    const reached = this.#isReached();
    if (this.#open.length > 0 && reached) {
      this.#sink.warn(
        opener,
        'a block inside a block: uWSGI refuses this ("recursive logic in options is not supported")',
      );
    }
    if (isLoop(opener.key)) {
      const items = reached ? this.#attempt(opener, () => loopItems(this.#withItem(opener), this.#sink)) : undefined;
      this.#open.push({ kind: 'for', opener, items: items ?? [], body: [], depth: 0 });
    } else {
      const argument = this.#withItem(opener).value;
      const verdict = reached
        ? this.#attempt(opener, () => evaluateCondition(opener.key, argument, this.#sink))
        : undefined;
      this.#open.push({ kind: 'if', opener, verdict, reached });
    }
  }

  #otherwise(block: IfBlock | undefined, entry: RawEntry): void {
    if (block === undefined) this.#sink.warn(entry, '"else" stands outside of any if block and is ignored');
    else if (block.reached) block.verdict = block.verdict === undefined ? { item: undefined } : undefined;
  }

  #run(block: ForBlock): void {
    if (block.body.length === 0) return;
    if (!block.body.some(({ key }) => opensBlock(key))) {
      for (const line of block.body) {
        for (const item of block.items) this.#addWithItem(block.opener, item, [line]);
      }
      return;
    }
    for (const item of block.items) this.#addWithItem(block.opener, item, block.body);
  }

  /** Adds lines in which `%(_)` is the item. */
  #addWithItem(opener: RawEntry, item: string, lines: readonly RawEntry[]): void {
    const depth = this.#open.push({ kind: 'if', opener, verdict: { item }, reached: true });
    for (const line of lines) this.add(line);
    this.#open.length = depth - 1;
  }

  #isReached(): boolean {
    const block = this.#open.at(-1);
    return block === undefined || block.kind === 'for' || block.verdict !== undefined;
  }

  #withItem(entry: RawEntry): RawEntry {
    const item = this.#open.findLast((block) => block.kind === 'if' && block.verdict?.item !== undefined);
    if (item?.kind !== 'if' || item.verdict?.item === undefined || !entry.value.includes('%(_)')) return entry;
    const text = item.verdict.item;
    return (
      this.#attempt(entry, () =>
        withValue(
          entry,
          boundedReplace(entry.value, /%\(_\)/g, () => text),
        ),
      ) ?? entry
    );
  }

  #attempt<Result>(entry: RawEntry, action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      this.#sink.fail(entry, error);
      return undefined;
    }
  }
}

function opensBlock(key: string): boolean {
  return isCondition(key) || isLoop(key);
}

/** `end` closes a block, but is an ordinary name elsewhere. */
function closesBlock(key: string, insideBlock: boolean): boolean {
  return key === 'endif' || key === 'end-if' || key === 'endfor' || key === 'end-for' || (insideBlock && key === 'end');
}
