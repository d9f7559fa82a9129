import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from './load.ts';
import { summarize } from './testing/load-text.ts';
import { casesIn } from './testing/real-uwsgi.ts';

/** Warnings that are true; every other file is clean. */
const TRUE_WARNINGS: Readonly<Record<string, readonly string[]>> = {
  emperor: ['warning 9:7 the app runs as root'],
};

describe('loadConfig on files in the shapes that people write', () => {
  for (const { name, argv, directory } of casesIn('realistic')) {
    it(`finds nothing but the truth to say about ${name}`, () => {
      const result = loadConfig({ argv, environment: {}, workingDirectory: directory, scope: 'vassal' });
      const warnings = summarize(result);
      assert.deepEqual(warnings, TRUE_WARNINGS[name] ?? []);
      assert.notEqual(result.config, undefined);
    });
  }
});
