import type { OptionDeclaration, OptionKind } from '../option-kinds.ts';
import { findOption, OPTION_GROUPS } from '../option-table.ts';
import { findUncommonOption, UNCOMMON_GROUPS } from '../uncommon-options.ts';

const KIND_TEXTS: Readonly<Record<OptionKind, string>> = {
  flag: 'true or false',
  integer: 'a whole number',
  seconds: 'seconds, or with a unit: 90s, 5m, 1h, 1d',
  milliseconds: 'milliseconds, or with a unit: 500ms, 2s',
  bytes: 'bytes, or with a unit: 64k, 10m, 1g',
  megabytes: 'megabytes, or with a unit: 512m, 2g',
  mode: 'permission bits in octal: 660',
  text: 'text',
  list: 'text; may be repeated',
  address: 'an address: :8000, HOST:PORT, [IPV6]:PORT, /PATH, @NAME, =N, fd://N',
  addresses: 'an address: :8000, HOST:PORT, [IPV6]:PORT, /PATH, @NAME, =N, fd://N; may be repeated',
};

/** What kind of value an option has, in words. */
export function kindText({ kind, choices }: OptionDeclaration): string {
  return choices === undefined ? KIND_TEXTS[kind] : `one of ${choices.join(', ')}`;
}

/** The default of an option as it would be written. */
export function defaultText({ kind, default: value, standIn }: OptionDeclaration): string {
  if (standIn !== undefined) return `that of ${standIn}`;
  if (value !== undefined) return String(value);
  if (kind === 'flag') return 'false';
  return kind === 'integer' || kind === 'seconds' || kind === 'milliseconds' || kind === 'bytes' || kind === 'megabytes'
    ? '0'
    : 'none';
}

/** All that is known about an option, for `explain OPTION`. */
export function describeOption(written: string): string {
  const known = findOption(written, 'emperor');
  if (known !== undefined) return describeKnown(known.name, known.declaration);
  const uncommon = findUncommonOption(written);
  if (uncommon === undefined) return `${written} is not an option of uWSGI's`;
  const verb = uncommon.group.status === 'accepted' ? 'is taken without effect' : 'is not supported';
  const severity = {
    accepted: '',
    unsupported: 'a configuration with it gets a warning',
    unsafe: 'a configuration with it is refused',
  }[uncommon.group.status];
  return [
    `${written} ${verb}: ${uncommon.group.reason}`,
    `  group    ${uncommon.group.title}`,
    severity === '' ? '' : `  effect   ${severity}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function describeKnown(name: string, declaration: OptionDeclaration): string {
  const { accepted, aliases = [], short, implies = [], min, max } = declaration;
  const spellings = [...aliases.map((alias) => `--${alias}`), ...(short === undefined ? [] : [`-${short}`])];
  const range = [min === undefined ? '' : `from ${min}`, max === undefined ? '' : `to ${max}`]
    .filter((part) => part !== '')
    .join(' ');
  const lines = [
    `${name}: ${declaration.help}`,
    `  value    ${kindText(declaration)}${range === '' ? '' : ` (${range})`}`,
    `  default  ${defaultText(declaration)}`,
    `  group    ${groupOf(name)}`,
  ];
  if (spellings.length > 0) lines.push(`  also     ${spellings.join(', ')}`);
  if (implies.length > 0) lines.push(`  sets     ${implies.join(', ')}`);
  if (accepted !== undefined) lines.push(`  effect   none here: ${accepted}`);
  return lines.join('\n');
}

function groupOf(name: string): string {
  return OPTION_GROUPS.find(([, options]) => name in options)?.[0] ?? '';
}

/** How many options there are of each status. */
export function statusCounts(): {
  readonly works: number;
  readonly accepted: number;
  readonly unsupported: number;
} {
  const declarations = OPTION_GROUPS.flatMap(([, options]) => Object.values(options));
  const accepted = declarations.filter((declaration) => declaration.accepted !== undefined).length;
  const uncommon = UNCOMMON_GROUPS.map(({ names, status }) => ({ size: names.split(/\s+/).length, status }));
  const sum = (of: (status: string) => boolean): number =>
    uncommon.reduce((total, { size, status }) => total + (of(status) ? size : 0), 0);
  return {
    works: declarations.length - accepted,
    accepted: accepted + sum((status) => status === 'accepted'),
    unsupported: sum((status) => status !== 'accepted'),
  };
}
