import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { readArgv } from './read-argv.ts';

function read(...argv: string[]): string[] {
  return readArgv(argv, 'vassal').entries.map(({ key, value }) => `${key}=${value}`);
}

function complaints(...argv: string[]): string[] {
  return readArgv(argv, 'vassal').problems.map(
    ({ column, message, suggestion }) => `${column} ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
  );
}

it('readArgv takes every spelling of an option and its value', () => {
  assert.deepEqual(read('--module', 'app'), ['module=app']);
  assert.deepEqual(read('--module=app'), ['module=app']);
  assert.deepEqual(read('-w', 'app'), ['module=app']);
  assert.deepEqual(read('-p', '4'), ['processes=4']);
  assert.deepEqual(read('-p4'), ['processes=4']);
  assert.deepEqual(read('-MTp4'), ['master=true', 'enable-threads=true', 'processes=4']);
  assert.deepEqual(read('--master=false'), ['master=false']);
  assert.deepEqual(read('--env', 'A=b=c'), ['env=A=b=c']);
  assert.deepEqual(read('--env=A=b'), ['env=A=b']);
  assert.deepEqual(read('--check-static', '--odd'), ['check-static=--odd']);
});

it('readArgv gives options with an optional value their meaning without one', () => {
  assert.deepEqual(read('--chmod-socket', '--http-keepalive', '-C'), [
    'chmod-socket=666',
    'http-keepalive=1',
    'chmod-socket=666',
  ]);
  assert.deepEqual(read('--chmod-socket=660', '-C600'), ['chmod-socket=660', 'chmod-socket=600']);
});

it('readArgv takes unambiguous beginnings of names, as getopt_long does', () => {
  assert.deepEqual(read('--modul', 'app', '--harakiri-verb'), ['module=app', 'harakiri-verbose=true']);
  assert.match(complaints('--proc=4')[0] ?? '', /^1 option '--proc' is ambiguous; possibilities: '--processes'/);
});

it('readArgv reads bare arguments behind all options', () => {
  assert.deepEqual(read('x.ini:prod', '--master', 'y.YML', ':8000', '127.0.0.1:80', 'app.py', 'a/b.wsgi'), [
    'master=true',
    'ini=x.ini:prod',
    'yaml=y.YML',
    'socket=:8000',
    'socket=127.0.0.1:80',
    'wsgi-file=app.py',
    'wsgi-file=a/b.wsgi',
  ]);
  assert.deepEqual(read('--', '--x.ini'), ['ini=--x.ini']);
});

it('readArgv names the option that is not known, and a near one', () => {
  assert.deepEqual(complaints('--master', '--no-such-option'), ["10 unrecognized option '--no-such-option'"]);
  assert.deepEqual(complaints('--htpp-socket', ':8000'), [
    '1 unrecognized option \'--htpp-socket\' (did you mean "--http-socket"?)',
  ]);
  assert.deepEqual(complaints('-MW'), ["3 invalid option -- 'W'"]);
  assert.deepEqual(complaints('--module'), ["1 option '--module' requires an argument"]);
  assert.match(complaints('what')[0] ?? '', /^1 unable to load configuration from what/);
});

it('readArgv knows our own options of the emperor only there', () => {
  assert.deepEqual(
    readArgv(['--glob', '*.ini'], 'emperor').entries.map(({ key }) => key),
    ['glob'],
  );
  assert.deepEqual(complaints('--glob=*.ini'), ["1 unrecognized option '--glob'"]);
});

it('readArgv ends for any arguments', () => {
  const argument = fc.oneof(fc.string(), fc.constantFrom('--', '-', '--master', '-p', '--=', '-=', '--ini', 'x.ini'));
  fc.assert(
    fc.property(fc.array(argument), (argv) => {
      readArgv(argv, 'vassal');
    }),
  );
});
