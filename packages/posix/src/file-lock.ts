import { checked, libc, SystemCallError } from './libc.ts';

const flock = libc.func('int flock(int, int)');

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks an open file for as long as it stays open (flock(2)), without waiting.
 * @returns false when somebody else has it
 * @throws SystemCallError for anything else
 */
export function lockFile(descriptor: number): boolean {
  try {
    checked('flock', flock(descriptor, LOCK_EX | LOCK_NB) as number);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EAGAIN') return false;
    throw error;
  }
}
