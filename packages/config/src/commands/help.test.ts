import assert from 'node:assert/strict';
import { it } from 'node:test';
import { answerCommandLine, helpCommand } from './help.ts';

it('helpCommand lists the options that work, in groups', () => {
  const { text, exitCode } = helpCommand('', 'vassal');
  assert.equal(exitCode, 0);
  assert.match(text, /^Usage: vassal \[options\] \[FILE\.ini\]\n/);
  assert.match(text, /\nSockets:\n {2}-s, --socket ADDRESS /);
  assert.match(text, /\n {2}-p, --processes N {15,}number of worker processes.*\[--workers\]\n/);
  assert.doesNotMatch(text, /--thunder-lock|--glob|--psgi/);
  assert.match(helpCommand('', 'emperor').text, /--glob TEXT/);
});

it('helpCommand finds options by a word in their name or description, whether they work or not', () => {
  const { text } = helpCommand('static', 'vassal');
  assert.match(text, /--check-static TEXT/);
  assert.match(text, /--honour-range|--static-map/);
  assert.doesNotMatch(text, /--processes/);
  assert.match(helpCommand('thunder', 'vassal').text, /--thunder-lock.*no effect here/);
  assert.match(helpCommand('fastrouter', 'vassal').text, /Other routers \(not supported: .*\n {6}--fastrouter\n/);
});

it('helpCommand says so when no option is about a word', () => {
  assert.deepEqual(helpCommand('harikiri', 'vassal'), {
    text: 'no option is about "harikiri": did you mean "harakiri"?\n',
    exitCode: 1,
  });
});

it('answerCommandLine answers --help and --version wherever they stand', () => {
  assert.match(answerCommandLine(['--master', '--help'], 'vassal')?.text ?? '', /^Usage: vassal/);
  assert.match(answerCommandLine(['--help', 'static'], 'vassal')?.text ?? '', /^Static files:/);
  assert.match(answerCommandLine(['--help=static'], 'vassal')?.text ?? '', /^Static files:/);
  assert.match(answerCommandLine(['-h'], 'emperor')?.text ?? '', /^Usage: emperor/);
  assert.match(answerCommandLine(['--version'], 'vassal')?.text ?? '', /^2\.0\.21/);
  assert.equal(answerCommandLine(['--module', '--version'], 'vassal'), undefined);
  assert.equal(answerCommandLine(['--ini', 'x.ini'], 'vassal'), undefined);
});
