/**
 * Settings of V8 that could as well be flags of the command line, and must not: V8 takes what was compiled ahead (Node's own modules, our code cache)
 * only with the flags it was compiled with. Once the start is over there is little left to compile.
 */
const LATE_FLAGS = [
  // Memory before speed: V8 collects earlier, and compacts.
  '--optimize-for-size',
  // Objects of a request die young, whatever V8 has come to think of the places where they are made: pretenuring them fills the old generation.
  '--no-allocation-site-pretenuring',
];

/** Has V8 run as it should from now on. */
export function settleEngine(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of LATE_FLAGS) setFlagsFromString(flag);
}

/** Has V8 collect all garbage and give back the pages. A regular collection leaves most pages with V8: what lives is scattered over them. */
export function collectGarbage(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
