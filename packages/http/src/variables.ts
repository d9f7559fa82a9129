/**
 * The CGI variables of one request, in the order in which they were seen (uWSGI's order: UWSGI-FACTS 4.3, 5.2), as a flat list
 * of names and values. Both listeners (HTTP and uwsgi protocol) produce it, routes read and change it, the app receives it.
 * A list of some twenty entries with interned names is faster to fill, search and join than any map.
 */
export class Variables {
  /** name, value, name, value, … Values are latin-1 text, as in a WSGI environ, and hold no NUL. */
  readonly list: string[] = [];
  /** What was redefined: uWSGI sets a variable again behind the others, and counts both. */
  #replacedCount = 0;
  #replacedBytes = 0;

  get(name: string): string | undefined {
    const at = this.#indexOf(name);
    return at < 0 ? undefined : this.list[at + 1];
  }

  /** Adds a variable that is known not to be there yet. */
  add(name: string, value: string): void {
    this.list.push(name, value);
  }

  /** Replaces the value, keeping the place, or adds the variable. */
  set(name: string, value: string): void {
    const at = this.#indexOf(name);
    if (at < 0) this.list.push(name, value);
    else this.list[at + 1] = value;
  }

  /** As `set`, for what repeats or changes what was sent: the log counts the value before, too. */
  redefine(name: string, value: string): void {
    const at = this.#indexOf(name);
    if (at < 0) {
      this.list.push(name, value);
      return;
    }
    this.#replacedCount += 2;
    this.#replacedBytes += 4 + name.length + (this.list[at + 1]?.length ?? 0);
    this.list[at + 1] = value;
  }

  delete(name: string): void {
    const at = this.#indexOf(name);
    if (at >= 0) this.list.splice(at, 2);
  }

  /** Names and values, also those that have been redefined. */
  get count(): number {
    return this.list.length + this.#replacedCount;
  }

  /** What uWSGI prints as `{n vars in m bytes}`: names and values counted apart, and the size of the uwsgi packet's body. */
  measure(): { count: number; bytes: number } {
    let bytes = this.#replacedBytes;
    for (const part of this.list) bytes += 2 + part.length;
    return { count: this.count, bytes };
  }

  #indexOf(name: string): number {
    const { list } = this;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return i;
    return -1;
  }
}
