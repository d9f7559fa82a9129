import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { it } from 'node:test';
import { expandMagic, type FileContext, type MagicContext } from './magic-variables.ts';

const file: FileContext = { given: 'my.app.ini', absolute: '/tmp/u/my.app.ini', section: 'prod' };
const outermost: FileContext = { given: 'etc/all.ini', absolute: '/srv/etc/all.ini', section: '' };
const context: MagicContext = { file, outermost, workingDirectory: '/srv', now: new Date(1_700_000_000_123) };

it('expandMagic knows the parts of the name of the file', () => {
  assert.equal(
    expandMagic('%d|%p|%s|%n|%e|%c|%o|%x', context),
    '/tmp/u/|/tmp/u/my.app.ini|my.app.ini|my.app|ini|u|my.app.ini|prod',
  );
});

it('expandMagic knows the same of the first file in capitals', () => {
  assert.equal(
    expandMagic('%D|%P|%S|%N|%E|%C|%O|%X', context),
    '/srv/etc/|/srv/etc/all.ini|all.ini|all|ini|etc|etc/all.ini|',
  );
});

it('expandMagic knows the directories by number', () => {
  assert.equal(expandMagic('%0-%1-%2', context), 'tmp-u-');
});

it('expandMagic knows the machine and the process', () => {
  assert.equal(expandMagic('%v %h %t %T', context), `/srv ${hostname()} 1700000000 1700000000123000`);
  assert.match(expandMagic('%k %u %U %g %G', context), /^\d+ \d+ \S+ \d+ \S+$/);
});

it('expandMagic hashes the path as uWSGI does', () => {
  const link: FileContext = { ...file, absolute: '/tmp/cfgwork/ask/sub/link.ini' };
  assert.equal(expandMagic('%j', { ...context, file: link }), 'FD540864');
});

it('expandMagic makes one percent sign of two, and leaves placeholders alone', () => {
  assert.equal(expandMagic('100%% %%d %(name) %%(uri)', context), '100% %d %(name) %(uri)');
});

it('expandMagic drops a percent sign together with a character that means nothing', () => {
  assert.equal(expandMagic('x%zy', context), 'xy');
  assert.equal(expandMagic('50%', context), '50');
});

it('expandMagic writes the escape character of terminals', () => {
  assert.equal(expandMagic('%[[0m', context), '\u001B[0m');
});

it('expandMagic does not grow beyond the limit of a value', () => {
  assert.throws(() => expandMagic('%p'.repeat(2_000_000), context), { name: 'ConfigError' });
});
