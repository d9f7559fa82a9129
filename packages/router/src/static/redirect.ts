import { Buffer } from 'node:buffer';

import type { Exchange } from '@emperor/http';

const REASON = 'Moved Permanently';
const UNSAFE = /[^A-Za-z0-9\-._~/!$&'()*+,;=:@]/g;

/**
 * Sends who asked for a directory without its final slash to the name with it, so that relative links in its index lead into it.
 * @returns false when the slash was there
 */
export function redirectToDirectory(exchange: Exchange): boolean {
  const { variables } = exchange;
  const path = `${variables.get('SCRIPT_NAME') ?? ''}${variables.get('PATH_INFO') ?? ''}`;
  if (path.endsWith('/')) return false;
  const query = variables.get('QUERY_STRING') ?? '';
  const location = `${localPath(path)}/${query === '' ? '' : `?${query}`}`;
  const headers = ['Location', location, 'Content-Type', 'text/plain'];
  exchange.respond({ status: 301, reason: REASON, headers }, Buffer.from(REASON));
  return true;
}

/** A path that no browser takes for another host, as it would `//host` or `/\host`. */
function localPath(path: string): string {
  const encoded = path.replace(
    UNSAFE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `/${encoded.replace(/^\/+/, '')}`;
}
