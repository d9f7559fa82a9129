import { lstatSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { appendBounded } from './bounded-replace.ts';

/** The file that magic variables speak about. */
export interface FileContext {
  /** The name as it was given, without the section. */
  readonly given: string;
  /** Absolute path, links not resolved; empty for stdin. */
  readonly absolute: string;
  /** The section asked for behind a colon, or the empty string. */
  readonly section: string;
}

/** What magic variables can speak about. */
export interface MagicContext {
  readonly file: FileContext;
  /** The first file of the chain that led to this one. */
  readonly outermost: FileContext;
  /** Working directory at the start. */
  readonly workingDirectory: string;
  /** Start of this load. */
  readonly now: Date;
}

/**
 * What `--version`, `%V`, the banner, `uwsgi.version` and the statistics show: apps and tools compare the version of the uWSGI whose behaviour this
 * is; where uWSGI has its vendor stands who this is from.
 */
export const VERSION = '2.0.21-emperor';

/**
 * Replaces `%d`, `%n`, `%%`… in the raw text of a file. `%(` is left for placeholders; `%` with any other
 * character vanishes together with it. A `%` at the end vanishes alone (uWSGI would also swallow the newline).
 * @throws {ConfigError} when the result is too long
 */
export function expandMagic(text: string, context: MagicContext): string {
  let from = text.indexOf('%');
  if (from === -1) return text;
  let result = '';
  let copied = 0;
  while (from !== -1) {
    const character = text[from + 1] ?? '';
    result = appendBounded(
      result,
      text.slice(copied, from) + (character === '(' ? '%(' : magicValue(character, context)),
    );
    copied = from + 1 + character.length;
    from = text.indexOf('%', copied);
  }
  return result + text.slice(copied);
}

/** The value of `%` and one character. */
export function magicValue(character: string, context: MagicContext): string {
  if (character === '') return '';
  if (character >= '0' && character <= '9') return directoryPart(context.file, Number(character));
  const lower = character.toLowerCase();
  if (FILE_LETTERS.includes(lower)) return fileValue(lower, character === lower ? context.file : context.outermost);
  return PROCESS_VALUES[character]?.(context) ?? '';
}

const FILE_LETTERS = 'dpsnecox';

function fileValue(letter: string, file: FileContext): string {
  const { absolute } = file;
  const name = path.basename(absolute);
  const dot = name.lastIndexOf('.');
  switch (letter) {
    case 'o':
      return file.given;
    case 'x':
      return file.section;
    case 'p':
      return absolute;
    case 's':
      return name;
    case 'd':
      return absolute === '' ? '' : path.join(path.dirname(absolute), '/');
    case 'c':
      return absolute === '' ? '' : path.basename(path.dirname(absolute));
    case 'n':
      return dot === -1 ? name : name.slice(0, dot);
    default:
      return dot === -1 ? '' : name.slice(dot + 1);
  }
}

/** `%0` is the first directory below the root. */
function directoryPart(file: FileContext, index: number): string {
  return path.dirname(file.absolute).split('/')[index + 1] ?? '';
}

const PROCESS_VALUES: Readonly<Record<string, ((context: MagicContext) => string) | undefined>> = {
  '%': () => '%',
  '[': () => '\u001B',
  v: (context) => context.workingDirectory,
  h: () => hostname(),
  k: () => String(availableParallelism()),
  u: () => String(process.getuid?.() ?? 0),
  U: () => accountName('/etc/passwd', process.getuid?.() ?? 0),
  g: () => String(process.getgid?.() ?? 0),
  G: () => accountName('/etc/group', process.getgid?.() ?? 0),
  t: (context) => String(Math.floor(context.now.getTime() / 1000)),
  T: (context) => String(context.now.getTime() * 1000),
  V: () => VERSION,
  b: () => process.argv[1] ?? process.execPath,
  i: (context) => inode(context.file.absolute),
  j: (context) => djb33x(context.file.absolute),
};

/** Name of a uid or gid; the number where the account file does not have it. */
function accountName(file: string, id: number): string {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((account) => account.split(':')[2] === String(id));
    return line?.split(':')[0] ?? String(id);
  } catch {
    return String(id);
  }
}

function inode(file: string): string {
  try {
    return String(lstatSync(file).ino);
  } catch {
    return '';
  }
}

/** D. J. Bernstein's string hash with exclusive or, in 32 bits; its bytes in hex, the lowest first as uWSGI prints them. */
function djb33x(text: string): string {
  let hash = 5381;
  for (const byte of Buffer.from(text)) hash = (Math.imul(hash, 33) ^ byte) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(hash);
  return bytes.toString('hex').toUpperCase();
}
