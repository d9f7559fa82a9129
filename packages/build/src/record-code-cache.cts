/**
 * Preloaded (`node --require`) into a rehearsal: when the process ends, what V8 has compiled of the bundle, the functions that were called with it,
 * goes to the file that EMPEROR_CODE_CACHE names. Processes that this one starts are not recorded.
 */
const { renameSync, writeFileSync } = process.getBuiltinModule('node:fs');
const v8 = process.getBuiltinModule('node:v8');
const vm = process.getBuiltinModule('node:vm');

const cacheFile = process.env['EMPEROR_CODE_CACHE'] ?? '';
delete process.env['EMPEROR_CODE_CACHE'];
delete process.env['NODE_OPTIONS'];

class RecordedScript extends vm.Script {
  constructor(...args: ConstructorParameters<typeof vm.Script>) {
    super(...args);
    process.on('exit', () => {
      const draft = `${cacheFile}.${process.pid}`;
      writeFileSync(draft, this.createCachedData());
      renameSync(draft, cacheFile);
    });
  }
}
Object.assign(vm, { Script: RecordedScript });
// A cache fits the flags V8 has when it is made: they must stay those of the start.
Object.assign(v8, { setFlagsFromString: () => {} });
