/**
 * The CGI variables of one request, in the order in which they were seen (uWSGI's order: UWSGI-FACTS 4.3, 5.2), as a flat list
 * of names and values. Both listeners (HTTP and uwsgi protocol) produce it, routes read and change it, the app receives it.
 * A list of some twenty entries with interned names is faster to fill, search and join than any map.
 */
export class Variables {
  /** name, value, name, value, … Values are latin-1 text, as in a WSGI environ, and hold no NUL. */
  readonly list: string[] = [];

  get(name: string): string | undefined {
    const { list } = this;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
    return undefined;
  }

  /** Adds a variable that is known not to be there yet. */
  add(name: string, value: string): void {
    this.list.push(name, value);
  }

  /** Replaces the value, keeping the place, or adds the variable. */
  set(name: string, value: string): void {
    const { list } = this;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) {
        list[i + 1] = value;
        return;
      }
    }
    list.push(name, value);
  }

  delete(name: string): void {
    const { list } = this;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) {
        list.splice(i, 2);
        return;
      }
    }
  }

  /** What uWSGI prints as `{n vars in m bytes}`: names and values counted apart, and the size of the uwsgi packet's body. */
  measure(): { count: number; bytes: number } {
    let bytes = 0;
    for (const part of this.list) bytes += 2 + part.length;
    return { count: this.list.length, bytes };
  }
}
