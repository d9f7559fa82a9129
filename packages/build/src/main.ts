import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundle } from './bundle.ts';
import { recordCodeCache } from './code-cache.ts';
import { draftDirectory, installBundle } from './install-bundle.ts';
import { compilePython } from './python-bytecode.ts';
import { rehearsals } from './rehearsals.ts';

/** The last step of `npm run build`: a bundle for each command, from what `tsc` has written. The launchers start these. And the bytecode of the Python side. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

for (const [app, rehearsal] of Object.entries(rehearsals(root))) {
  const dist = join(root, 'apps', app, 'dist');
  const place = join(dist, 'bundle');
  const files = await bundle({ root, entry: join(dist, 'main.js'), directory: draftDirectory(place) });
  const directory = installBundle(place, files);
  await recordCodeCache(join(directory, 'main.cache'), rehearsal);
}

// Without an interpreter here, the first one that runs the files does it.
compilePython(join(root, 'packages', 'worker', 'python'));
