/**
 * Starts the bundle it is copied into: `main.js`, which this compiles with V8's code cache, `main.cache`. Where the cache is missing or does not fit (another
 * Node, other flags), V8 compiles the source as ever.
 */
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Module, createRequire } = process.getBuiltinModule('node:module');
const { Script } = process.getBuiltinModule('node:vm');

type ModuleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  directory: string,
) => void;

const main = `${__dirname}/main.js`;

function readCodeCache(): Buffer | undefined {
  try {
    return readFileSync(`${__dirname}/main.cache`);
  } catch {
    return undefined;
  }
}

/** What it read is garbage when it returns, before there is much else: it does not grow old. */
function compile(): InstanceType<typeof Script> {
  // esbuild writes ASCII only.
  const source = readFileSync(main, 'latin1');
  const cachedData = readCodeCache();
  // In one line with the first of the source: lines in stack traces are those of the file.
  return new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: main,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
}

function runCompiled(): void {
  const started = new Module(main);
  started.filename = main;
  started.loaded = true;
  const requireFromMain = createRequire(main);
  // The parts of the bundle take from it what they share with it.
  requireFromMain.cache[main] = started;
  const run = compile().runInThisContext() as ModuleFunction;
  run(started.exports, requireFromMain, started, main, __dirname);
}

// Source maps are read for modules only.
if (process.sourceMapsEnabled) require(main);
else runCompiled();
