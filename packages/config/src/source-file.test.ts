import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';
import { formatDiagnostic } from './diagnostic.ts';
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

/** A web server in a process of its own, since reading a configuration holds this one up. */
const SERVE_INI = `
  const server = require('node:http').createServer(({ url }, answer) => {
    answer.statusCode = url === '/x.ini' ? 200 : 404;
    answer.end('[uwsgi]\\nmodule = first\\n[prod]\\nmodule = second\\n');
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

it('a configuration can come from a web server, with the name of a section', { timeout: 30_000 }, async () => {
  using directory = new ConfigDirectory();
  const server = spawn(process.execPath, ['-e', SERVE_INI], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${Number(port.toString())}`;
    assert.equal(directory.load(['--ini', `${url}/x.ini`]).config?.options.module, 'first');
    assert.equal(directory.load(['--ini', `${url}/x.ini:prod`]).config?.options.module, 'second');
    const { diagnostics } = directory.load(['--ini', `${url}/none.ini`]);
    assert.match(
      diagnostics.map(formatDiagnostic).join('\n'),
      /cannot read "http:.*none\.ini": the server answers 404/,
    );
  } finally {
    server.kill();
  }
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
