/**
 * Compares the tables with the sources of the other packages: `node dist/testing/unread-options.js`. Lists the options that nothing mentions:
 * they should be built, or say in the table why they are accepted without effect.
 *
 * To be mentioned is not yet to work: what it finds is to be looked at.
 */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OPTION_GROUPS } from '../option-table.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const sources = globSync(['packages/*/src/**/*.ts', 'packages/*/python/**/*.py', 'apps/*/src/**/*.ts'], {
  cwd: repository,
})
  .filter((file) => !file.startsWith('packages/config/') && !file.includes('.test'))
  .map((file) => readFileSync(`${repository}${file}`, 'utf8'))
  .join('\n');

for (const [title, options] of OPTION_GROUPS) {
  if (title === 'Configuration') continue;
  const names = Object.entries(options).flatMap(([name, { accepted }]) => (accepted === undefined ? [name] : []));
  print(
    `${title}, not mentioned`,
    names.filter((name) => !isMentioned(name)),
  );
}

function print(title: string, names: readonly string[]): void {
  if (names.length > 0) process.stdout.write(`${title}: ${names.join(' ')}\n`);
}

/** As `options['name']`, `'name'` in a list, or `options.name`. */
function isMentioned(name: string): boolean {
  // The names of routes are put together from their parts.
  if (/^(?:final|error|response)-route/.test(name)) return true;
  return (
    sources.includes(`'${name}'`) ||
    sources.includes(`\`${name}\``) ||
    (/^\w+$/.test(name) && new RegExp(`options\\??\\.${name}\\b`).test(sources))
  );
}
