/** What a regular expression of JavaScript is made of, as far as it matters for how long it can take. */
export type RegExpTree =
  | { readonly kind: 'empty' }
  /** One byte out of a set, a bit for each. */
  | { readonly kind: 'byte'; readonly set: bigint }
  | { readonly kind: 'sequence'; readonly items: readonly RegExpTree[] }
  | { readonly kind: 'choice'; readonly options: readonly RegExpTree[] }
  | { readonly kind: 'repeat'; readonly item: RegExpTree; readonly min: number; readonly max: number };

const EMPTY: RegExpTree = { kind: 'empty' };
const ANY_BYTE = (1n << 256n) - 1n;
const ANYTHING: RegExpTree = { kind: 'repeat', item: { kind: 'byte', set: ANY_BYTE }, min: 0, max: Infinity };

const QUANTIFIER = /(?:([*+?])|\{([0-9]+)(,?)([0-9]*)\})\??/y;
const GROUP_START = /\((?:\?(?:([:=!])|<([=!])|<[^>]*>|[ims]*-?[ims]*(:)))?/y;
/** An escape, a class, or one character. */
const ATOM =
  /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|k<[^>]*>|[1-9][0-9]*|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[^)|]/y;

/** Parses the source of a valid regular expression. Only its own flags count: those of groups, as `(?i:…)`, make no difference here. */
export function parseRegExp(pattern: RegExp): {
  readonly tree: RegExpTree;
  readonly lookarounds: readonly RegExpTree[];
} {
  const parser = new Parser(pattern);
  return { tree: parser.choice(), lookarounds: parser.lookarounds };
}

class Parser {
  readonly lookarounds: RegExpTree[] = [];
  readonly #source: string;
  readonly #flags: string;
  readonly #sets = new Map<string, bigint>();
  #at = 0;

  constructor({ source, flags }: RegExp) {
    this.#source = source;
    this.#flags = flags.replaceAll(/[^is]/g, '');
  }

  choice(): RegExpTree {
    const options = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      options.push(this.#sequence());
    }
    return options.length === 1 ? (options[0] ?? EMPTY) : { kind: 'choice', options };
  }

  #sequence(): RegExpTree {
    const items: RegExpTree[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      items.push(this.#repeat(this.#atom()));
    }
    return { kind: 'sequence', items };
  }

  #repeat(item: RegExpTree): RegExpTree {
    const match = this.#take(QUANTIFIER);
    if (match === null) return item;
    const [, sign, min, comma, max] = match;
    if (sign !== undefined) {
      return { kind: 'repeat', item, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    }
    const least = Number(min);
    return { kind: 'repeat', item, min: least, max: comma === '' ? least : max === '' ? Infinity : Number(max) };
  }

  #atom(): RegExpTree {
    const group = this.#take(GROUP_START);
    if (group !== null) return this.#group(group);
    const text = this.#take(ATOM)?.[0] ?? '';
    if (text === '') throw new Error(`not understood: ${this.#source} at ${this.#at}`);
    if (text === '^' || text === '$' || text === String.raw`\b` || text === String.raw`\B`) return EMPTY;
    // What a group has matched could be anything.
    if (/^\\(?:[1-9]|k<)/.test(text)) return ANYTHING;
    return { kind: 'byte', set: this.#setOf(text) };
  }

  #group([, kind, behind]: RegExpExecArray): RegExpTree {
    const content = this.choice();
    this.#at += 1;
    if (kind !== '=' && kind !== '!' && behind === undefined) return content;
    this.lookarounds.push(content);
    return EMPTY;
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#at;
    const match = token.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  /** The bytes an atom matches, found by trying them. */
  #setOf(atom: string): bigint {
    let set = this.#sets.get(atom);
    if (set === undefined) {
      const pattern = new RegExp(`^(?:${atom})$`, this.#flags);
      set = 0n;
      for (let byte = 0; byte < 256; byte += 1) {
        if (pattern.test(String.fromCharCode(byte))) set |= 1n << BigInt(byte);
      }
      this.#sets.set(atom, set);
    }
    return set;
  }
}
