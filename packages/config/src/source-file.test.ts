import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';
import { readSource } from './source-file.ts';
import { ConfigDirectory } from './testing/load-text.ts';

/** A program that loads what its arguments say and prints the module. */
const PRINT_MODULE = `
  const { loadConfig, formatDiagnostic } = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});
  const { config, diagnostics } = loadConfig({ argv: process.argv.slice(1), environment: {}, workingDirectory: process.cwd(), scope: 'vassal' });
  console.log(config?.options.module ?? diagnostics.map(formatDiagnostic).join());
`;

function printModule(input: string, ...argv: string[]): string {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', PRINT_MODULE, '--', ...argv], {
    input,
    encoding: 'utf8',
  });
  return stdout.trim();
}

it('readSource reads files, descriptors and the output of commands', () => {
  using directory = new ConfigDirectory({ 'a.txt': 'text' });
  assert.equal(readSource('a.txt', directory.path).toString(), 'text');
  assert.equal(readSource('file://a.txt', directory.path).toString(), 'text');
  assert.equal(readSource('exec://cat a.txt a.txt', directory.path).toString(), 'texttext');
  assert.throws(() => readSource('exec://exit 2', directory.path), /the command "exit 2" failed/);
  assert.throws(() => readSource('ftp://x', directory.path), /not supported/);
});

it('a configuration can come through stdin, with several sections', () => {
  assert.equal(printModule('[uwsgi]\nini = :base\n[base]\nmodule = from.stdin\n', '--ini', '-'), 'from.stdin');
});

it('a configuration can come through a pipe of the shell', () => {
  const script = fileURLToPath(new URL('./index.js', import.meta.url));
  assert.ok(script.endsWith('index.js'));
  const command = `"${process.execPath}" --input-type=module -e '${PRINT_MODULE.replaceAll("'", '"')}' -- --ini <(printf "[uwsgi]\\nmodule = piped\\n")`;
  assert.equal(execFileSync('bash', ['-c', command], { encoding: 'utf8' }).trim(), 'piped');
});

it('readSource refuses a file that belongs to somebody else than the emperor saw', () => {
  using directory = new ConfigDirectory({ 'a.ini': 'text', 'b.ini': 'text' });
  const uid = process.getuid?.() ?? 0;
  try {
    process.env['EMPEROR_VASSAL_FILE_OWNER'] = `${uid}:${directory.path}/a.ini`;
    assert.equal(readSource('a.ini', directory.path).toString(), 'text');
    process.env['EMPEROR_VASSAL_FILE_OWNER'] = `${uid + 1}:${directory.path}/a.ini`;
    assert.throws(() => readSource('a.ini', directory.path), /belongs to the user with id/);
    assert.equal(readSource('b.ini', directory.path).toString(), 'text');
  } finally {
    delete process.env['EMPEROR_VASSAL_FILE_OWNER'];
  }
});
