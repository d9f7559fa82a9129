/** Which vassals each one wants to be up before it starts (`after`), as they are known at the moment. */
export class StartOrder {
  readonly #after: (name: string) => readonly string[];

  /** `after` tells what a vassal asks for; of an unknown one, nothing. */
  constructor(after: (name: string) => readonly string[]) {
    this.#after = after;
  }

  /** Those it has to wait for. Who would wait for themselves that way do not. */
  predecessorsOf(name: string): string[] {
    return this.#after(name).filter((each) => this.#path(each, name, new Set()) === undefined);
  }

  /** The circle it is in, from itself to the one that waits for it; undefined when it is in none. */
  circleOf(name: string): string[] | undefined {
    for (const each of this.#after(name)) {
      const path = this.#path(each, name, new Set());
      if (path !== undefined) return [name, ...path.slice(0, -1)];
    }
    return undefined;
  }

  /** The way along `after` from one to another, both included. */
  #path(from: string, to: string, seen: Set<string>): string[] | undefined {
    if (from === to) return [to];
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const each of this.#after(from)) {
      const rest = this.#path(each, to, seen);
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }
}
