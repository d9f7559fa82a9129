import { createRequire } from 'node:module';
import path from 'node:path';
import { ConfigError } from './config-error.ts';
import type { Diagnostic } from './diagnostic.ts';
import { expandMagic, type FileContext, type MagicContext } from './magic-variables.ts';
import type { RawEntry } from './raw-entry.ts';
import { type IniContent, readIni, withoutOuterBlanks } from './read-ini.ts';
import { readDescriptor, readSource } from './source-file.ts';

/** Notations a configuration can be written in. */
export type ConfigurationFormat = 'ini' | 'yaml' | 'json' | 'xml';

/** A file that is being read, and what it holds. */
export interface OpenConfiguration {
  readonly context: FileContext;
  readonly format: ConfigurationFormat;
  readonly text: string;
}

/** A file that is asked for. */
export interface ConfigurationRequest {
  /** As written: a path, `-`, `exec://COMMAND`, `http://…` or `fd://N`, each with `:SECTION` or not; `:SECTION` alone is the current file. */
  readonly name: string;
  readonly format: ConfigurationFormat | 'by extension';
  /** The file the request stands in. */
  readonly current: OpenConfiguration | undefined;
  readonly outermost: FileContext | undefined;
  readonly workingDirectory: string;
  readonly now: Date;
}

/** What such a file holds, its magic variables expanded. */
export interface ConfigurationFile extends OpenConfiguration {
  readonly entries: Iterable<RawEntry>;
  readonly problems: readonly Diagnostic[];
  readonly missingSection: Pick<Diagnostic, 'message' | 'suggestion'> | undefined;
  /** The line uWSGI prints. */
  readonly notice: string;
}

/** What a reader makes of a text; the formats other than ini do not have several sections of one name. */
export type Reader = (text: string, source: string, section: string) => IniContent;

const EXTENSIONS: ReadonlyMap<string, ConfigurationFormat> = new Map([
  ['ini', 'ini'],
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['json', 'json'],
  ['js', 'json'],
  ['xml', 'xml'],
]);

/** The format that a name's extension speaks of. */
export function formatOf(name: string): ConfigurationFormat | undefined {
  const [file] = splitSection(name);
  return EXTENSIONS.get(file.slice(file.lastIndexOf('.') + 1).toLowerCase());
}

/**
 * Finds, reads and parses a configuration.
 * @throws {ConfigError} when it cannot be read
 */
export function readConfiguration(request: ConfigurationRequest): ConfigurationFile {
  const { context, format, text } = open(request);
  const section = context.section === '' ? 'uwsgi' : context.section;
  const content = readerOf(format)(text, context.given, section);
  const magic: MagicContext = {
    file: context,
    outermost: request.outermost ?? context,
    workingDirectory: request.workingDirectory,
    now: request.now,
  };
  return {
    context,
    format,
    text,
    entries: withMagic(content.entries, magic, format === 'ini' ? withoutOuterBlanks : (value) => value),
    problems: content.problems,
    missingSection: content.found ? undefined : describeMissing(section, format, context, content.sections),
    notice:
      format === 'xml'
        ? `[uWSGI] parsing config file ${context.given}`
        : `[uWSGI] getting ${format.toUpperCase()} configuration from ${context.given}`,
  };
}

function open(request: ConfigurationRequest): OpenConfiguration {
  const { name, current } = request;
  if (name === '') throw new ConfigError('expected the name of a file');
  const [file, section] = splitSection(name);
  if (file === '') {
    if (current === undefined)
      throw new ConfigError(
        `unable to load configuration from ${name}: a section alone has a meaning only inside a file`,
      );
    return { ...current, context: { ...current.context, section } };
  }
  const format = request.format === 'by extension' ? formatOf(name) : request.format;
  if (format === undefined) {
    throw new ConfigError(
      `unable to load configuration from ${name}`,
      'the name must end in .ini, .yml, .yaml, .json, .js or .xml',
    );
  }
  const absolute = file === '-' || file.includes('://') ? '' : path.resolve(request.workingDirectory, file);
  const bytes = file === '-' ? readDescriptor(0, '-') : readSource(file, request.workingDirectory);
  return { context: { given: file, absolute, section }, format, text: decode(bytes, file) };
}

/** `file.ini:prod` is section prod of file.ini; the colons of a scheme, a port or a command are not meant. */
function splitSection(name: string): [file: string, section: string] {
  const colon = name.lastIndexOf(':');
  const isSection = colon > (name.includes('://') ? name.lastIndexOf('/') : -1) && !name.startsWith('exec://');
  return isSection ? [name.slice(0, colon), name.slice(colon + 1)] : [name, ''];
}

/** Refuses what is no text at all, with a word on what it may be instead. */
function decode(bytes: Buffer, name: string): string {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    throw new ConfigError(`cannot read ${JSON.stringify(name)}: it is UTF-16`, 'save it as UTF-8');
  }
  return bytes.toString('utf8');
}

const require: NodeJS.Require = createRequire(import.meta.url);

/** The readers of the rarer formats are loaded when one is needed. */
function readerOf(format: ConfigurationFormat): Reader {
  switch (format) {
    case 'ini':
      return readIni;
    case 'yaml':
      return (require('./read-yaml.js') as typeof import('./read-yaml.ts')).readYaml;
    case 'json':
      return (require('./read-json.js') as typeof import('./read-json.ts')).readJson;
    default:
      return (require('./read-xml.js') as typeof import('./read-xml.ts')).readXml;
  }
}

/** @param tidy what a format does to the text that is left when a magic variable at its edge is empty */
function* withMagic(
  entries: Iterable<RawEntry>,
  magic: MagicContext,
  tidy: (text: string) => string,
): Generator<RawEntry> {
  for (const entry of entries) {
    if (entry.line.includes('%')) {
      const key = tidy(expandMagic(entry.key, magic));
      yield { ...entry, key, written: key, value: tidy(expandMagic(entry.value, magic)) };
    } else yield entry;
  }
}

function describeMissing(
  section: string,
  format: ConfigurationFormat,
  context: FileContext,
  sections: ReadonlySet<string>,
): Pick<Diagnostic, 'message' | 'suggestion'> {
  const message = `Can't find section "${section}" in ${format.toUpperCase()} configuration file ${context.given}`;
  if (sections.size === 0)
    return { message, suggestion: `the file has no sections: its first line should be [${section}]` };
  const names = [...sections].slice(0, 8).map((name) => `[${name}]`);
  return { message, suggestion: `it has ${names.join(', ')}` };
}
