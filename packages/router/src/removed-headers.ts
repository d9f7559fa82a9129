import type { ResponseFilter } from '@emperor/http';

import { editsOf } from './routes/answer-edits.ts';

/**
 * `rem-header`: takes headers away that the app, or a file, sends by itself. What `add-header` and rules add stays.
 * @param names of the headers, in any case
 * @param addedHeaders how many lines `add-header` puts behind every answer
 */
export function createHeaderRemoval(names: readonly string[], addedHeaders: number): ResponseFilter {
  const removed = new Set(names.map((name) => name.trim().toLowerCase()));
  return {
    filterHead(exchange, { headers }) {
      const own = headers.length - 2 * (addedHeaders + (editsOf(exchange)?.addedLines ?? 0));
      for (let i = own - 2; i >= 0; i -= 2) if (removed.has(headers[i]?.toLowerCase() ?? '')) headers.splice(i, 2);
      return undefined;
    },
  };
}
