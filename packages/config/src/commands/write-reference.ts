/** Writes OPTIONS.md, and the schema for editors to dist/options.schema.json: `node dist/commands/write-reference.js`. */
import { writeFileSync } from 'node:fs';
import { optionReference } from './reference.ts';
import { optionSchema } from './schema.ts';

const ROOT = new URL('../../', import.meta.url);
writeFileSync(new URL('OPTIONS.md', ROOT), optionReference());
writeFileSync(
  new URL('dist/options.schema.json', ROOT),
  `${JSON.stringify(optionSchema(), undefined, 1)}
`,
);
