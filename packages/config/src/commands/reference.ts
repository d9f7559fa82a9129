import type { OptionDeclaration } from '../option-kinds.ts';
import { OPTION_GROUPS } from '../option-table.ts';
import { UNCOMMON_GROUPS } from '../uncommon-options.ts';
import { defaultText, kindText, statusCounts } from './describe-option.ts';

/** The reference of all options in Markdown: every name, what it takes, and whether it works. */
export function optionReference(): string {
  const counts = statusCounts();
  return [
    '# Options',
    '',
    '<!-- Generated from the tables in src/options and src/uncommon-options.ts by dist/commands/write-reference.js -->',
    '',
    `All names uWSGI knows: ${counts.works} options work, ${counts.accepted} are accepted without effect, ${counts.unsupported} are not supported.`,
    'In a file an option is written `name = value`, on a command line `--name value` or `--name=value`.',
    '',
    ...OPTION_GROUPS.flatMap(([title, options]) => group(title, options)),
    '## Not supported',
    '',
    'A configuration with one of these gets a warning; where going on without it would be unsafe, an error.',
    '',
    ...UNCOMMON_GROUPS.flatMap(({ title, reason, status, names }) => [
      `### ${title}`,
      '',
      `${capitalize({ accepted: 'accepted without effect', unsupported: 'warning', unsafe: 'error' }[status])}: ${reason}.`,
      '',
      names
        .split(/\s+/)
        .map((name) => `\`${name.replace(/[!?]$/, '')}\``)
        .join(', '),
      '',
    ]),
  ].join('\n');
}

function group(title: string, options: Readonly<Record<string, OptionDeclaration>>): string[] {
  const rows = Object.entries(options).map(([name, declaration]) => row(name, declaration));
  return [`## ${title}`, '', '| option | value | default | |', '| --- | --- | --- | --- |', ...rows, ''];
}

function row(name: string, declaration: OptionDeclaration): string {
  const spellings = [
    ...(declaration.aliases ?? []),
    ...(declaration.short === undefined ? [] : [`-${declaration.short}`]),
  ];
  const names = [`\`${name}\``, ...spellings.map((spelling) => `\`${spelling}\``)].join(', ');
  const accepted = declaration.accepted === undefined ? '' : `; *no effect here: ${declaration.accepted}*`;
  const cells = [names, kindText(declaration), defaultText(declaration), `${declaration.help}${accepted}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
