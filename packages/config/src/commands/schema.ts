import type { OptionDeclaration } from '../option-kinds.ts';
import { OPTION_GROUPS } from '../option-table.ts';
import { UNCOMMON_GROUPS } from '../uncommon-options.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema of a YAML or JSON configuration, for editors: sections, each an object of options. */
export function optionSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of a vassal',
    type: 'object',
    additionalProperties: { $ref: '#/$defs/section' },
    $defs: { section: { type: 'object', properties: Object.fromEntries(properties()) } },
  };
}

function* properties(): Generator<[string, Schema]> {
  for (const [, options] of OPTION_GROUPS) {
    for (const [name, declaration] of Object.entries(options)) {
      if (declaration.scope === 'emperor') continue;
      yield [name, propertyOf(declaration)];
      for (const alias of declaration.aliases ?? [])
        yield [alias, { ...propertyOf(declaration), description: `the same as ${name}` }];
    }
  }
  for (const { names, reason, status } of UNCOMMON_GROUPS) {
    const verdict = status === 'accepted' ? 'no effect' : 'not supported';
    for (const name of names.split(/\s+/))
      yield [name.replace(/[!?]$/, ''), { description: `${verdict}: ${reason}`, deprecated: true }];
  }
}

function propertyOf(declaration: OptionDeclaration): Schema {
  const { help, accepted, default: value } = declaration;
  const description = accepted === undefined ? help : `${help} (no effect here: ${accepted})`;
  return {
    description,
    ...typeOf(declaration),
    ...(value === undefined ? {} : { default: value }),
    ...(accepted === undefined ? {} : { deprecated: true }),
  };
}

const UNIT_PATTERNS = {
  seconds: String.raw`^\d+\s*(s|sec|m|min|h|d)?$`,
  milliseconds: String.raw`^\d+\s*(ms|s|sec|m|min|h)?$`,
  bytes: String.raw`^\d+\s*[kmgKMG]?(i?[bB])?$`,
  megabytes: String.raw`^\d+\s*[mgMG]?(i?[bB])?$`,
} as const;

function typeOf({ kind, choices, min, max }: OptionDeclaration): Schema {
  const range = { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
  switch (kind) {
    case 'flag':
      return { type: ['boolean', 'string', 'integer'] };
    case 'integer':
      return { type: ['integer', 'string'], ...range };
    case 'seconds':
    case 'milliseconds':
    case 'bytes':
    case 'megabytes':
      return { anyOf: [{ type: 'integer', ...range }, { type: 'string', pattern: UNIT_PATTERNS[kind] }, PLACEHOLDER] };
    case 'mode':
      return { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[0-7]{1,5}$' }, PLACEHOLDER] };
    case 'list':
    case 'addresses':
      return { anyOf: [SCALAR, { type: 'array', items: SCALAR }] };
    default:
      return choices === undefined ? SCALAR : { anyOf: [{ enum: choices }, PLACEHOLDER] };
  }
}

const SCALAR: Schema = { type: ['string', 'number', 'boolean'] };
/** `%(name)`, `$(NAME)`, `@(file)` can stand for any value. */
const PLACEHOLDER: Schema = { type: 'string', pattern: String.raw`[%$@]` };
