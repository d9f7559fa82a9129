import { compilePattern, PatternError } from '../pattern.ts';
import { isExplosive } from './explosive-pattern.ts';
import { RouteError } from './route-error.ts';

/** What becomes of a pattern that can take exponential time. */
export interface PatternPolicy {
  /** Our option `route-safe-patterns`. */
  readonly refuseExplosivePatterns: boolean;
  readonly warn: (message: string, suggestion?: string) => void;
}

/**
 * Compiles the pattern of a rule. V8 is told to go on with its linear engine where a pattern takes too many steps, which makes most
 * explosive patterns harmless; of the others (back references, lookarounds, `(?i)`, large counts) the user is warned.
 * @param text bytes, one character each
 * @throws {RouteError}
 */
export function compileRulePattern(text: string, { refuseExplosivePatterns, warn }: PatternPolicy): RegExp {
  useLinearFallback();
  let pattern: RegExp;
  try {
    pattern = compilePattern(text);
  } catch (error) {
    if (error instanceof PatternError) throw new RouteError(error.message);
    throw error;
  }
  if (!isExplosive(pattern)) return pattern;
  const message = `a client can make the regular expression "${text}" take very long: something repeated is repeated again`;
  const suggestion = 'write [^/]+ in place of ([^/]+)* and the like';
  if (refuseExplosivePatterns) throw new RouteError(message, suggestion);
  if (!isLinear(pattern)) warn(message, suggestion);
  return pattern;
}

let fallbackInUse = false;

/** Takes effect for all patterns that are made from now on. */
function useLinearFallback(): void {
  if (fallbackInUse) return;
  fallbackInUse = true;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  // Gives patterns the flag `l`, which refuses what the linear engine cannot do.
  setFlagsFromString('--enable-experimental-regexp-engine');
}

function isLinear({ source, flags }: RegExp): boolean {
  try {
    RegExp(source, `${flags}l`);
    return true;
  } catch {
    return false;
  }
}
