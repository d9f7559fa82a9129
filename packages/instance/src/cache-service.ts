import { createRequire } from 'node:module';

import type { ServiceKind } from './service.ts';

const require = createRequire(import.meta.url);

/** The caches a configuration asks for. Most ask for none: what they are made of is loaded only then. */
export const CACHES: ServiceKind = {
  name: 'caches',
  create(config, context) {
    if (config.options.cache === 0 && config.options.cache2.length === 0) return undefined;
    const { createCaches } = require('./caches.js') as typeof import('./caches.ts');
    return createCaches(config, context);
  },
};
