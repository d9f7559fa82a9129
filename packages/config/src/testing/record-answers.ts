/** Records what the real uWSGI says about the fixtures: `node dist/testing/record-answers.js`. */
import { writeFileSync } from 'node:fs';
import { askUwsgi, casesIn } from './real-uwsgi.ts';

for (const folder of ['dialect', 'realistic']) {
  for (const fixture of casesIn(folder)) {
    const answer = askUwsgi(fixture);
    if (answer === undefined) process.stderr.write(`no answer for ${fixture.name}\n`);
    else writeFileSync(fixture.answer, answer);
  }
}
