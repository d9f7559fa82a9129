import { readArgv } from '../read-argv.ts';
import { VERSION } from '../magic-variables.ts';
import type { OptionDeclaration } from '../option-kinds.ts';
import { OPTION_GROUPS, type Scope } from '../option-table.ts';
import { didYouMean } from '../lazy-parts.ts';
import { UNCOMMON_GROUPS } from '../uncommon-options.ts';
import type { CommandOutcome } from './outcome.ts';

/**
 * Answers `--help`, `--help WORD`, `-h` and `--version` wherever they stand on a command line; `undefined` when it has none.
 */
export function answerCommandLine(argv: readonly string[], scope: Scope): CommandOutcome | undefined {
  const at = argv.findIndex((argument) => /^(?:--help|--usage|-h)(?:=|$)/.test(argument));
  if (at !== -1) {
    const given = argv[at]?.split('=', 2)[1];
    const next = argv[at + 1];
    return helpCommand(given ?? (next?.startsWith('-') === false ? next : ''), scope);
  }
  const isAsked = argv.includes('--version') && readArgv(argv, scope).entries.some(({ key }) => key === 'version');
  return isAsked ? { text: `${VERSION}\n`, exitCode: 0 } : undefined;
}

/** Width of the column of names. */
const NAME_WIDTH = 38;

/** The options that work, by group; with a word those whose name or description has it, whether they work or not. */
export function helpCommand(word: string, scope: Scope): CommandOutcome {
  const wanted = word.toLowerCase().replace(/^--/, '');
  const groups = OPTION_GROUPS.map(([title, options]) => ({
    title,
    lines: Object.entries(options)
      .filter(([name, declaration]) => isShown(name, declaration, wanted, scope))
      .map(([name, declaration]) => helpLine(name, declaration)),
  })).filter(({ lines }) => lines.length > 0);
  if (wanted !== '') groups.push(...uncommonMatches(wanted));
  if (groups.length === 0) return notFound(word, scope);
  const body = groups.map(({ title, lines }) => `${title}:\n${lines.join('\n')}\n`);
  return { text: [...(wanted === '' ? introduction(scope) : []), ...body].join('\n'), exitCode: 0 };
}

function introduction(scope: Scope): string[] {
  const name = scope === 'emperor' ? 'emperor' : 'vassal';
  return [
    `Usage: ${name} [options] [FILE.ini]`,
    '',
    `  ${name} --help WORD     options about WORD`,
    `  ${name} explain OPTION  all about one option`,
    `  ${name} check FILE      the problems of a configuration`,
    ...(scope === 'vassal' ? ['  vassal jobs PLACE       the jobs of a spool directory, or of a configuration'] : []),
    '',
    'In a file the options are written without dashes: processes = 4',
    '',
  ];
}

function isShown(name: string, declaration: OptionDeclaration, wanted: string, scope: Scope): boolean {
  if (declaration.scope === 'emperor' && scope !== 'emperor') return false;
  if (wanted === '') return declaration.accepted === undefined;
  const words = [name, ...(declaration.aliases ?? []), declaration.help.toLowerCase()];
  return words.some((text) => text.includes(wanted));
}

function helpLine(name: string, declaration: OptionDeclaration): string {
  const short = declaration.short === undefined ? '    ' : `-${declaration.short}, `;
  const value = declaration.kind === 'flag' ? '' : ` ${valueName(declaration)}`;
  const accepted = declaration.accepted === undefined ? '' : ` (no effect here: ${declaration.accepted})`;
  const left = `  ${short}--${name}${value}`;
  const gap = left.length < NAME_WIDTH ? ' '.repeat(NAME_WIDTH - left.length) : `\n${' '.repeat(NAME_WIDTH)}`;
  const aliases = (declaration.aliases ?? []).map((alias) => `--${alias}`);
  return `${left}${gap}${declaration.help}${accepted}${aliases.length === 0 ? '' : ` [${aliases.join(', ')}]`}`;
}

function valueName({ kind, omitted }: OptionDeclaration): string {
  const name = {
    flag: '',
    integer: 'N',
    seconds: 'SECONDS',
    milliseconds: 'MS',
    bytes: 'BYTES',
    megabytes: 'MB',
    mode: 'MODE',
    text: 'TEXT',
    list: 'TEXT',
    address: 'ADDRESS',
    addresses: 'ADDRESS',
  }[kind];
  return omitted === undefined ? name : `[${name}]`;
}

function uncommonMatches(wanted: string): { title: string; lines: string[] }[] {
  return UNCOMMON_GROUPS.map(({ title, reason, status, names }) => {
    const found = names.split(/\s+/).filter((name) => name.includes(wanted));
    const verdict = status === 'accepted' ? 'no effect' : 'not supported';
    return {
      title: `${title} (${verdict}: ${reason})`,
      lines: found.map((name) => `      --${name.replace(/[!?]$/, '')}`),
    };
  }).filter(({ lines }) => lines.length > 0);
}

function notFound(word: string, scope: Scope): CommandOutcome {
  const nearest = didYouMean(word, scope);
  return {
    text: `no option is about ${JSON.stringify(word)}${nearest === undefined ? '' : `: did you mean "${nearest}"?`}\n`,
    exitCode: 1,
  };
}
