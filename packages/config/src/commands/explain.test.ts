import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ConfigDirectory } from '../testing/load-text.ts';
import { explainCommand } from './explain.ts';
import type { CommandOutcome } from './outcome.ts';

function explain(directory: ConfigDirectory, ...args: string[]): CommandOutcome {
  return explainCommand(args, { environment: {}, workingDirectory: directory.path });
}

const TEXT =
  '[uwsgi]\nname = shop\nprocesses = 2\nworkers = 3\nthreads = 2\nmodule = %(name).wsgi\nthunder-lock = true\npsgi = x\n';

it('explainCommand lists the options after expansion, each with where it comes from', () => {
  using directory = new ConfigDirectory({ 'uwsgi.ini': TEXT });
  const lines = explain(directory, 'uwsgi.ini')
    .text.split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, ' '));
  assert.deepEqual(lines.slice(0, 6), [
    'name = shop ; uwsgi.ini:2, a variable',
    'processes = 2 ; uwsgi.ini:3, overridden below',
    'processes = 3 ; uwsgi.ini:4',
    'threads = 2 ; uwsgi.ini:5',
    'module = shop.wsgi ; uwsgi.ini:6',
    'thunder-lock = true ; uwsgi.ini:7, no effect here: one process accepts, so no herd can thunder',
  ]);
  assert.ok(lines.includes('buffer-size = 4096 ; default'));
  assert.ok(lines.includes('http-connect-timeout = 60 ; default, that of http-timeout'));
  assert.ok(lines.includes('listen = net.core.somaxconn ; default, that of net.core.somaxconn'));
  assert.ok(lines.includes('enable-threads = true ; from threads, uwsgi.ini:5'));
  // They have no effect: whatever stood here would not be true.
  assert.ok(!lines.some((line) => /^(max-apps|http-gracetime|lock-engine) = /.test(line)));
  assert.ok(!explain(directory, '--set', 'uwsgi.ini').text.includes('default'));
});

it('explainCommand shows what differs between two files', () => {
  using directory = new ConfigDirectory({
    'a.ini': '[uwsgi]\nprocesses = 2\nmaster = true\n',
    'b.ini': '[uwsgi]\nmaster = true\nchmod-socket = 660\n',
  });
  assert.deepEqual(explain(directory, 'a.ini', '--diff', 'b.ini'), {
    text: '- chmod-socket = (none)  ; default\n+ chmod-socket = 660  ; b.ini:3\n- processes = 2  ; a.ini:2\n+ processes = 1  ; default\n',
    exitCode: 0,
  });
  assert.equal(explain(directory, 'a.ini', '--diff=a.ini').text, 'the options are the same\n');
});

it('explainCommand explains one option', () => {
  using directory = new ConfigDirectory();
  assert.match(explain(directory, 'listen').text, /^  default  that of net\.core\.somaxconn$/m);
  assert.match(
    explain(directory, '--workers').text,
    /^processes: .*\n  value    a whole number \(from 0 to 10000\)\n  default  1\n  group    Workers\n  also     --workers, -p\n$/,
  );
  assert.match(explain(directory, 'cheaper-algo').text, /one of spare, spare2, backlog, busyness, manual/);
  assert.match(explain(directory, 'thunder-lock').text, /effect   none here: one process accepts/);
  assert.match(explain(directory, 'cap').text, /^cap is not supported: .*\n.*Jails and namespaces\n.*refused/);
});

it('explainCommand shows the problems of a configuration that has errors, and how it is used', () => {
  using directory = new ConfigDirectory({ 'a.ini': '[uwsgi]\nprocesses = x\n' });
  assert.match(explain(directory, 'a.ini').text, /a\.ini:2:13: error: processes/);
  assert.equal(explain(directory, 'a.ini').exitCode, 1);
  assert.equal(explain(directory).exitCode, 2);
  assert.equal(explain(directory, 'a', 'b').exitCode, 2);
});

it('explainCommand of a misspelt option names the one that is meant', () => {
  const surroundings = { environment: {}, workingDirectory: '/' };
  const { text, exitCode } = explainCommand(['proceses'], surroundings);
  assert.deepEqual(
    [text, exitCode],
    ['there is no option "proceses", and no such file; did you mean "processes"?\n', 1],
  );
});
