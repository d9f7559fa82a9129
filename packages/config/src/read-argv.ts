import type { Diagnostic } from './diagnostic.ts';
import type { Origin } from './entry.ts';
import { allNames, didYouMean, findUncommonOption } from './lazy-parts.ts';
import type { OptionDeclaration } from './option-kinds.ts';
import { findOption, findOptionByLetter, type Scope } from './option-table.ts';
import type { RawEntry } from './raw-entry.ts';
import { formatOf } from './read-configuration.ts';

/** What a command line asks for, in the order uWSGI works it off: bare arguments come after all options. */
export interface ArgvContent {
  readonly entries: readonly RawEntry[];
  readonly problems: readonly Diagnostic[];
}

/** Origin of everything on the command line. */
export const COMMAND_LINE: Origin = { source: '<command line>', line: 0 };

/** An option as the command line needs it. */
interface Spelling {
  readonly name: string;
  readonly argument: 'none' | 'optional' | 'required';
  /** The value when none is given. */
  readonly omitted: string;
}

/** Where an option stands: which argument, and how far into it. */
interface Place {
  readonly index: number;
  readonly offset: number;
  readonly spelling: Spelling;
}

/**
 * Reads a command line as getopt_long does: `--name value`, `--name=value`, `-p 4`, `-p4`, `-MTp4`, unambiguous beginnings of
 * long names, options and bare arguments in any order, `--` before bare arguments only.
 */
export function readArgv(argv: readonly string[], scope: Scope): ArgvContent {
  return new ArgvReader(argv, scope).read();
}

class ArgvReader {
  readonly #argv: readonly string[];
  readonly #scope: Scope;
  readonly #line: string;
  readonly #columns: readonly number[];
  readonly #entries: RawEntry[] = [];
  readonly #bare: number[] = [];
  readonly #problems: Diagnostic[] = [];
  #next = 0;

  constructor(argv: readonly string[], scope: Scope) {
    this.#argv = argv;
    this.#scope = scope;
    const columns: number[] = [];
    let column = 1;
    for (const argument of argv) {
      columns.push(column);
      column += argument.length + 1;
    }
    this.#columns = columns;
    this.#line = argv.join(' ');
  }

  read(): ArgvContent {
    while (this.#next < this.#argv.length) this.#readArgument(this.#next++);
    for (const index of this.#bare) this.#readBare(index);
    return { entries: this.#entries, problems: this.#problems };
  }

  #readArgument(index: number): void {
    const argument = this.#argv[index] ?? '';
    if (argument === '--') {
      while (this.#next < this.#argv.length) this.#bare.push(this.#next++);
    } else if (argument.startsWith('--')) this.#readLong(index, argument.slice(2));
    else if (argument.startsWith('-') && argument.length > 1) this.#readLetters(index, argument.slice(1));
    else this.#bare.push(index);
  }

  #readLong(index: number, text: string): void {
    const equals = text.indexOf('=');
    const spelling = this.#complete(index, equals === -1 ? text : text.slice(0, equals));
    if (spelling === undefined) {
      // What follows an option that is not known is probably its value.
      if (equals === -1 && this.#argv[this.#next]?.startsWith('-') === false) this.#next += 1;
      return;
    }
    const place = { index, offset: 0, spelling };
    if (equals !== -1) this.#push(place, text.slice(equals + 1), 3 + equals);
    else if (spelling.argument === 'required') this.#pushNext(place);
    else this.#push(place, spelling.omitted);
  }

  #readLetters(index: number, letters: string): void {
    for (let at = 0; at < letters.length; at += 1) {
      const letter = letters[at] ?? '';
      const known = findOptionByLetter(letter);
      if (known === undefined) {
        this.#complain(index, at + 1, `invalid option -- '${letter}'`);
        return;
      }
      const spelling = spell(known.name, known.declaration);
      const place = { index, offset: at + 1, spelling };
      const rest = letters.slice(at + 1);
      if (spelling.argument === 'none') this.#push(place, spelling.omitted);
      else {
        if (rest !== '') this.#push(place, rest, at + 2);
        else if (spelling.argument === 'optional') this.#push(place, spelling.omitted);
        else this.#pushNext(place);
        return;
      }
    }
  }

  /** A bare argument is a configuration file, an app, or an address; the emperor takes it for a pattern. */
  #readBare(index: number): void {
    const argument = this.#argv[index] ?? '';
    const name = bareOption(argument, this.#scope);
    if (name !== undefined) {
      const place = { index, offset: 0, spelling: { name, argument: 'required', omitted: '' } } as const;
      this.#entries.push({ ...this.#entry(place, argument, this.#columns[index] ?? 0), isBare: isConfiguration(name) });
      return;
    }
    this.#complain(
      index,
      0,
      `unable to load configuration from ${argument}`,
      'a bare argument is a configuration (.ini, .yml, .yaml, .json, .js, .xml), an app (.py, .wsgi) or an address (:8000)',
    );
  }

  #pushNext(place: Place): void {
    const value = this.#argv[this.#next];
    if (value === undefined) {
      this.#complain(place.index, place.offset, `option '${this.#argv[place.index]}' requires an argument`);
      return;
    }
    this.#entries.push(this.#entry(place, value, this.#columns[this.#next] ?? 0));
    this.#next += 1;
  }

  #push(place: Place, value: string, valueOffset?: number): void {
    const column = valueOffset === undefined ? 0 : (this.#columns[place.index] ?? 0) + valueOffset;
    this.#entries.push(this.#entry(place, value, column));
  }

  #entry({ index, offset, spelling }: Place, value: string, valueColumn: number): RawEntry {
    return {
      key: spelling.name,
      written: spelling.name,
      value,
      origin: COMMAND_LINE,
      line: this.#line,
      keyColumn: (this.#columns[index] ?? 0) + offset,
      valueColumn,
      hasValue: true,
    };
  }

  /** Finds an option by its whole name or by an unambiguous beginning. */
  #complete(index: number, written: string): Spelling | undefined {
    const exact = findSpelling(written, this.#scope);
    if (exact !== undefined) return exact;
    const candidates = written === '' ? [] : [...allNames(this.#scope)].filter((name) => name.startsWith(written));
    const [first] = candidates;
    const meant = new Set(candidates.map((name) => findOption(name, this.#scope)?.name ?? name));
    if (first !== undefined && meant.size === 1) return findSpelling(first, this.#scope);
    if (first !== undefined) {
      const shown = candidates.slice(0, SHOWN_CANDIDATES).map((name) => `'--${name}'`);
      this.#complain(index, 0, `option '--${written}' is ambiguous; possibilities: ${shown.join(' ')}`);
      return undefined;
    }
    const nearest = didYouMean(written, this.#scope);
    this.#complain(
      index,
      0,
      `unrecognized option '--${written}'`,
      nearest === undefined ? undefined : `did you mean "--${nearest}"?`,
    );
    return undefined;
  }

  #complain(index: number, offset: number, message: string, suggestion?: string): void {
    this.#problems.push({
      severity: 'error',
      origin: COMMAND_LINE,
      sourceLine: this.#line,
      column: (this.#columns[index] ?? 0) + offset,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

const SHOWN_CANDIDATES = 12;

/** Whether an option inserts a file, so that as a bare argument it leaves only what is in the file. */
function isConfiguration(name: string): boolean {
  return name === 'ini' || name === 'yaml' || name === 'json' || name === 'xml';
}

/** The option that a bare argument stands for; to the emperor all are vassals, or where to find them. */
function bareOption(argument: string, scope: Scope): string | undefined {
  if (scope === 'emperor') return 'glob';
  if (/\.(?:py|wsgi)$/.test(argument)) return 'wsgi-file';
  if (/^[^/\s]*:\d+$/.test(argument)) return 'socket';
  return formatOf(argument);
}

function findSpelling(name: string, scope: Scope): Spelling | undefined {
  const known = findOption(name, scope);
  if (known !== undefined) return spell(name, known.declaration);
  const uncommon = findUncommonOption(name);
  return uncommon === undefined ? undefined : { name, argument: uncommon.argument, omitted: 'true' };
}

function spell(name: string, declaration: OptionDeclaration): Spelling {
  if (declaration.omitted !== undefined) return { name, argument: 'optional', omitted: declaration.omitted };
  return {
    name,
    argument: declaration.kind === 'flag' && declaration.takesValue !== true ? 'none' : 'required',
    omitted: 'true',
  };
}
