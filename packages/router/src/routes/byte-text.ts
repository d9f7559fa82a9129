import { Buffer } from 'node:buffer';

/**
 * Text of a configuration file as the bytes it was written in, one character each. Variables and headers are kept that way, so that
 * comparing, matching and sending work on bytes, as in uWSGI.
 */
export function toByteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The way back, for people's eyes. */
export function fromByteText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
