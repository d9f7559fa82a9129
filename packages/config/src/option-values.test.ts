import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { ConfigError } from './config-error.ts';
import type { OptionDeclaration, OptionKind } from './option-kinds.ts';
import { parseValue } from './option-values.ts';

function valueOf(kind: OptionKind, text: string, more: Partial<OptionDeclaration> = {}): unknown {
  return parseValue(text, { kind, help: '', ...more }).value;
}

function warningOf(kind: OptionKind, text: string): string {
  return parseValue(text, { kind, help: '' }).warning?.message ?? '';
}

it('parseValue takes a flag for on unless it says false, off, no or 0', () => {
  for (const text of ['false', 'FALSE', 'off', 'Off', 'no', 'NO', '0'])
    assert.equal(valueOf('flag', text), false, text);
  for (const text of ['true', '1', 'yes', '', 'on', '00', 'nope', 'disabled'])
    assert.equal(valueOf('flag', text), true, text);
  assert.match(warningOf('flag', 'false ; no'), /counts as true/);
  assert.match(warningOf('flag', 'disabled'), /counts as true/);
  assert.equal(warningOf('flag', 'true'), '');
});

it('parseValue reads numbers with the units of their kind', () => {
  assert.equal(valueOf('integer', '4'), 4);
  assert.equal(valueOf('integer', '-1'), -1);
  assert.equal(valueOf('seconds', '90s'), 90);
  assert.equal(valueOf('seconds', '5m'), 300);
  assert.equal(valueOf('seconds', '1 h'), 3600);
  assert.equal(valueOf('seconds', '1d'), 86_400);
  assert.equal(valueOf('milliseconds', '2s'), 2000);
  assert.equal(valueOf('bytes', '10m'), 10_485_760);
  assert.equal(valueOf('bytes', '64K'), 65_536);
  assert.equal(valueOf('bytes', '1GiB'), 1_073_741_824);
  assert.equal(valueOf('megabytes', '512'), 512);
  assert.equal(valueOf('megabytes', '2g'), 2048);
});

it('parseValue takes true for 0 where a number is expected, with a warning, unless the option gives it a meaning', () => {
  assert.equal(valueOf('integer', 'true'), 0);
  assert.match(warningOf('integer', 'true'), /counts as 0 here, as in uWSGI/);
  assert.equal(valueOf('seconds', 'true', { trueMeans: 1 }), 1);
  assert.equal(valueOf('seconds', 'off', { trueMeans: 1 }), 0);
  assert.match(warningOf('integer', ''), /missing/);
});

it('parseValue takes the number in front of what looks like a comment, with a warning', () => {
  assert.equal(valueOf('integer', '4 ; four'), 4);
  assert.match(warningOf('integer', '4 # four'), /looks like a comment/);
});

it('parseValue says what a number should have been', () => {
  assert.throws(() => valueOf('integer', 'four'), /"four" is not a whole number/);
  assert.throws(() => valueOf('integer', '4.5'), /not a whole number/);
  assert.throws(() => valueOf('integer', '4k'), /not a whole number/);
  assert.throws(() => valueOf('seconds', '5x'), /90s, 5m, 1h, 1d/);
  assert.throws(() => valueOf('integer', '9'.repeat(40)), /not a whole number/);
  assert.throws(() => valueOf('integer', '-1', { min: 0 }), /-1 is too small: expected 0 or more/);
  assert.throws(() => valueOf('integer', '9', { max: 8 }), /9 is too large/);
});

it('parseValue reads permission bits in octal', () => {
  assert.equal(valueOf('mode', '660'), 0o660);
  assert.throws(() => valueOf('mode', ''), /invalid chmod value: /);
  assert.throws(() => valueOf('mode', '888'), /invalid chmod value/);
});

it('parseValue falls back to the default for a choice that does not exist', () => {
  const declaration: OptionDeclaration = { kind: 'text', help: '', choices: ['spare', 'manual'], default: 'spare' };
  const { value, warning } = parseValue('clever', declaration);
  assert.equal(value, 'spare');
  assert.match(warning?.message ?? '', /"clever" is not known, spare is taken/);
});

it('parseValue checks the form of a text', () => {
  const cron: OptionDeclaration = { kind: 'list', help: '', form: 'FIVE TIMES AND COMMAND' };
  assert.equal(parseValue('0 3 -1 -1 -1 backup', cron).value, '0 3 -1 -1 -1 backup');
  for (const text of ['0 3 -1 -1 backup', '* * * * * x', '0 3 -1 -1 -1', ''])
    assert.throws(() => parseValue(text, cron), ConfigError, text);
  assert.throws(() => parseValue('A', { kind: 'list', help: '', form: 'HEADER VARIABLE' }), ConfigError);
  assert.throws(() => parseValue('A', { kind: 'list', help: '', form: '/PATH=TARGET' }), ConfigError);
  const mount: OptionDeclaration = { kind: 'list', help: '', form: 'MOUNTPOINT=APP' };
  assert.equal(parseValue('=shop:app', mount).value, '=shop:app');
  for (const text of ['shop', '/shop=']) assert.throws(() => parseValue(text, mount), ConfigError, text);
});

it('parseValue returns or throws a ConfigError for any text and kind', () => {
  const kinds: OptionKind[] = [
    'flag',
    'integer',
    'seconds',
    'milliseconds',
    'bytes',
    'megabytes',
    'mode',
    'text',
    'list',
    'address',
    'addresses',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string(), (kind, text) => {
      try {
        const { value } = parseValue(text, { kind, help: '' });
        if (typeof value === 'number') assert.ok(Number.isSafeInteger(value));
      } catch (error) {
        assert.ok(error instanceof ConfigError);
      }
    }),
  );
});
