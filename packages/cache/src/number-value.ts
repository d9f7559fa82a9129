import { Buffer } from 'node:buffer';

import type { Arithmetic } from './cache.ts';

/** A number is kept as a little-endian signed integer of that many bytes, as in uWSGI on the machines there are. */
const NUMBER_BYTES = 8;

/** @returns undefined for a value that is no number */
export function decodeNumber(value: Uint8Array): bigint | undefined {
  return value.length === NUMBER_BYTES
    ? Buffer.from(value.buffer, value.byteOffset, NUMBER_BYTES).readBigInt64LE()
    : undefined;
}

export function encodeNumber(number: bigint): Buffer {
  const value = Buffer.alloc(NUMBER_BYTES);
  value.writeBigInt64LE(number);
  return value;
}

/** Wraps around at 64 bits; the quotient is cut towards zero, and division by zero gives 0. */
export function calculate(number: bigint, operation: Arithmetic, operand: bigint): bigint {
  switch (operation) {
    case 'inc':
      return BigInt.asIntN(64, number + operand);
    case 'dec':
      return BigInt.asIntN(64, number - operand);
    case 'mul':
      return BigInt.asIntN(64, number * operand);
    case 'div':
      return operand === 0n ? 0n : BigInt.asIntN(64, number / operand);
    default:
      return operation satisfies never;
  }
}
