import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whoever changes a package and says only `tsc -b` would test the code of yesterday: the commands run from their bundles, where there are some.
 * @throws when a bundle is older than what it is made of
 */
export function complainOfOldBundle(repository: string): void {
  const modifiedAtMs = (file: string): number => statSync(join(repository, file)).mtimeMs;
  const built = globSync('{packages,apps}/*/dist/.tsbuildinfo', { cwd: repository });
  for (const bundle of globSync('apps/*/dist/bundle/main.cjs', { cwd: repository })) {
    const newer = built.find((file) => modifiedAtMs(file) > modifiedAtMs(bundle));
    if (newer !== undefined) throw new Error(`${bundle} is older than ${newer}: npm run build`);
  }
}
