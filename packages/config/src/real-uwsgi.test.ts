import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isCondition } from './conditions.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { loadConfig } from './load.ts';
import { isLoop } from './loops.ts';
import { findOption } from './option-table.ts';
import { askUwsgi, type Case, casesIn, FIXTURE_ENVIRONMENT } from './testing/real-uwsgi.ts';

const hasUwsgi = spawnSync('uwsgi', ['--version']).error === undefined;

/** Our effective entries, in the form of a recorded answer. */
function ourAnswer({ argv, directory }: Case): string[] {
  const { config, diagnostics } = loadConfig({
    argv,
    environment: FIXTURE_ENVIRONMENT,
    workingDirectory: directory,
    scope: 'vassal',
  });
  assert.ok(config, diagnostics.map(formatDiagnostic).join('\n'));
  return config.entries.map(({ key, value }) =>
    `${key} = ${withoutSection(key, value)}`.replaceAll(directory, '{DIR}'),
  );
}

/** The lines of an answer with the long names of options, without those of the logic, which have done their work. */
function normalize(answer: string): string[] {
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, key = '', value = ''] = /^(.*?) = (.*)$/.exec(line) ?? [];
      return { key: findOption(key, 'vassal')?.name ?? key, value };
    })
    .filter(
      ({ key, value }) =>
        !isCondition(key) && !isLoop(key) && !/^end-?(?:if|for)$/.test(key) && !(key === 'end' && value === ''),
    )
    .map(({ key, value }) => `${key} = ${withoutSection(key, value)}`);
}

/** uWSGI cuts the section off the names of JSON and XML files, in its own memory. */
function withoutSection(key: string, value: string): string {
  return key === 'json' || key === 'xml' ? value.replace(/:.*$/, '') : value;
}

for (const folder of ['dialect', 'realistic']) {
  describe(`loadConfig on the files in fixtures/${folder}`, () => {
    for (const fixture of casesIn(folder)) {
      const recorded = existsSync(fixture.answer);
      it(
        `reads ${fixture.name} as the real uWSGI does`,
        { skip: recorded ? false : 'the real one wants its files to exist' },
        () => {
          assert.deepEqual(ourAnswer(fixture), normalize(readFileSync(fixture.answer, 'utf8')));
        },
      );
      it(
        `has the right answer recorded for ${fixture.name}`,
        { skip: hasUwsgi && recorded ? false : 'uwsgi is not installed, or nothing is recorded' },
        () => {
          const answer = askUwsgi(fixture);
          // Some of the plugins that a fixture names may be missing on this machine.
          if (answer !== undefined)
            assert.deepEqual(normalize(answer), normalize(readFileSync(fixture.answer, 'utf8')));
        },
      );
    }
  });
}
