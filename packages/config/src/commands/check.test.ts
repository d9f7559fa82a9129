import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ConfigDirectory } from '../testing/load-text.ts';
import { checkCommand, checkVassalsCommand } from './check.ts';
import type { CommandOutcome } from './outcome.ts';

function check(directory: ConfigDirectory, ...args: string[]): CommandOutcome {
  return checkCommand(args, { environment: {}, workingDirectory: directory.path });
}

const GOOD =
  '[uwsgi]\nmaster = true\nhttp = :8000\nsocket = app.sock\nprocesses = 4\ncheaper = 1\nthreads = 2\nmodule = app\n';

it('checkCommand says what a good configuration would spawn and bind', () => {
  using directory = new ConfigDirectory({ 'uwsgi.ini': GOOD });
  assert.deepEqual(check(directory, 'uwsgi.ini'), {
    text: [
      'uwsgi.ini: ok',
      '  binds   :8000 (http)',
      '  binds   app.sock (socket)',
      '  spawns  4 workers with 2 threads each, 1 at the start, app app, python3 of the PATH',
      '',
    ].join('\n'),
    exitCode: 0,
  });
});

it('checkCommand shows all problems of all files, and fails', () => {
  using directory = new ConfigDirectory({ 'a.ini': '[uwsgi]\nprocesses = x\nvaccum = true\n', 'b.ini': GOOD });
  const { text, exitCode } = check(directory, 'a.ini', 'b.ini', 'c.ini');
  assert.equal(exitCode, 1);
  assert.match(text, /a\.ini:2:13: error: processes: "x" is not a whole number/);
  assert.match(text, /a\.ini:3:1: warning: unknown option "vaccum"/);
  assert.match(text, /a\.ini: 1 error, 1 warning\n\nb\.ini: ok/);
  assert.match(text, /cannot read ".*c\.ini": No such file or directory/);
});

it('checkCommand fails for a warning unless it is lenient', () => {
  using directory = new ConfigDirectory({ 'a.ini': '[uwsgi]\nvaccum = true\n' });
  assert.equal(check(directory, 'a.ini').exitCode, 1);
  assert.equal(check(directory, 'a.ini', '--lenient').exitCode, 0);
});

it('checkCommand speaks JSON', () => {
  using directory = new ConfigDirectory({ 'a.ini': '[uwsgi]\nstrict = true\noffload-treads = 1\n', 'b.ini': GOOD });
  const { text, exitCode } = check(directory, '--format', 'json', 'a.ini', 'b.ini');
  const [bad, good] = JSON.parse(text) as Record<string, unknown>[];
  assert.equal(exitCode, 1);
  assert.deepEqual(bad, {
    file: 'a.ini',
    ok: false,
    diagnostics: [
      {
        severity: 'error',
        file: 'a.ini',
        line: 3,
        column: 1,
        message: '[strict-mode] unknown config directive: offload-treads',
        suggestion: 'did you mean "offload-threads"?',
        sourceLine: 'offload-treads = 1',
      },
    ],
  });
  assert.deepEqual(
    [good?.['ok'], Object.keys(good?.['plan'] ?? {})],
    [true, ['listeners', 'backends', 'workers', 'app', 'interpreter', 'beside']],
  );
});

it('checkCommand explains how it is used', () => {
  using directory = new ConfigDirectory();
  for (const args of [[], ['--format', 'xml', 'a.ini'], ['--wrong']])
    assert.equal(check(directory, ...args).exitCode, 2);
});

it('checkVassalsCommand checks every file of a pattern or directory, and finds two that bind one address of one protocol', () => {
  using directory = new ConfigDirectory({
    'a/uwsgi.ini': '[uwsgi]\nhttp-socket = 127.0.0.1:8000\n',
    'b/uwsgi.ini': '[uwsgi]\nsocket = b.sock\nsocket = 127.0.0.1:8000\n',
    'c/uwsgi.ini': '[uwsgi]\nsocket = b.sock\nhttp-subscription-server = 127.0.0.1:8000\n',
    'notes.txt': '',
  });
  const around = { environment: {}, workingDirectory: directory.path };
  const { text, exitCode } = checkVassalsCommand(['*/uwsgi.ini'], around);
  assert.equal(exitCode, 1);
  assert.match(
    text,
    /error: b\/uwsgi\.ini:3: socket 127\.0\.0\.1:8000 is already bound by a\/uwsgi\.ini \(a\/uwsgi\.ini:2\)/,
  );
  assert.equal(text.match(/error:/g)?.length, 1);
  assert.equal(checkVassalsCommand(['c'], around).exitCode, 0);
  assert.deepEqual(checkVassalsCommand(['none*'], around), { text: 'no file matches none*\n', exitCode: 1 });
});
