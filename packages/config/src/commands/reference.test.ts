import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { allNames } from '../lazy-parts.ts';
import { optionReference } from './reference.ts';
import { optionSchema } from './schema.ts';

it('optionReference has every option there is, and OPTIONS.md is up to date', () => {
  const reference = optionReference();
  for (const name of allNames('emperor')) assert.ok(reference.includes(`\`${name}\``), name);
  const file = new URL('../../OPTIONS.md', import.meta.url);
  assert.equal(readFileSync(file, 'utf8'), reference, 'run: node packages/config/dist/commands/write-reference.js');
});

it('optionSchema describes every option of a vassal', () => {
  const schema = optionSchema() as { $defs: { section: { properties: Record<string, unknown> } } };
  const { properties } = schema.$defs.section;
  for (const name of allNames('vassal')) assert.ok(name in properties, name);
  assert.equal('glob' in properties, false);
  assert.deepEqual(properties['processes'], {
    description: 'number of worker processes; 0 for a router without an app',
    type: ['integer', 'string'],
    minimum: 0,
    maximum: 10_000,
    default: 1,
  });
  assert.doesNotThrow(() => JSON.stringify(schema));
});
