import { strftime } from './strftime.ts';

/** One step of the chain that a line passes on its way to a logger. */
interface LineEncoder {
  /** Logger it is for; undefined: all of them. */
  readonly logger: string | undefined;
  encode(text: string): string;
}

const ENCODER = /^([a-z0-9]+)(?::(\S+))?(?: (.*))?$/s;
const PLACEHOLDER = /\$\{([^}]*)\}/g;

function compileFormat(format: string, escape: (text: string) => string): (text: string) => string {
  return (text) => {
    const now = Date.now();
    return format.replace(PLACEHOLDER, (_written, name: string) => {
      if (name === 'msg' || name === 'msgnl') return escape(text);
      if (name === 'unix') return `${Math.floor(now / 1000)}`;
      if (name === 'micros') return `${now * 1000}`;
      if (name.startsWith('strftime:')) return strftime(name.slice('strftime:'.length), new Date(now));
      return '';
    });
  };
}

function compileEncoder(kind: string, argument: string): ((text: string) => string) | undefined {
  switch (kind) {
    case 'prefix':
      return (text) => argument + text;
    case 'suffix':
      return (text) => text + argument;
    case 'format':
      return compileFormat(argument, (text) => text);
    case 'json':
      return compileFormat(argument, (text) => JSON.stringify(text).slice(1, -1));
    case 'nl':
      // lines always end with a line break here
      return (text) => text;
    default:
      return undefined;
  }
}

/**
 * Reads a value of `log-encoder`: `kind[:logger] argument` (UWSGI-FACTS 8.6).
 * @returns undefined for an encoder that does not exist
 */
export function parseLineEncoder(value: string): LineEncoder | undefined {
  const match = ENCODER.exec(value);
  const encode = compileEncoder(match?.[1] ?? '', match?.[3] ?? '');
  return encode === undefined ? undefined : { logger: match?.[2], encode };
}

/** The chain of encoders for the logger of that name; undefined when its lines stay as they are. */
export function encoderChain(
  encoders: readonly LineEncoder[],
  logger: string | undefined,
): ((text: string) => string) | undefined {
  const chain = encoders.filter((encoder) => encoder.logger === undefined || encoder.logger === logger);
  if (chain.length === 0) return undefined;
  return (text) => chain.reduce((line, encoder) => encoder.encode(line), text);
}

export type { LineEncoder };
