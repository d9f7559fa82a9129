import { times } from '../asks.ts';
import { ask } from '../../rig/http-client.ts';
import { cacheLoops } from '../cache-contestants.ts';
import type { Row } from '../row.ts';

export const cacheGet: Row = {
  name: 'cache-get',
  title: 'uwsgi.cache_get of 1 KB in a Python loop',
  contestants: cacheLoops,
  columns: [
    {
      key: 'microseconds',
      title: 'µs/get',
      better: 'lower',
      decimals: 3,
      asks: [times(3, 'uWSGI'), times(0.33, 'memcached')],
    },
  ],
  round: async ({ port }, seconds) => ({ microseconds: Number((await ask(port, `GET /?${seconds}`)).body) }),
};
