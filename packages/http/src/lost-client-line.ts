import type { Variables } from './variables.ts';

/**
 * What the log says of a client that went away before it had its answer, in uWSGI's words (UWSGI-FACTS 4.13).
 * @param call what was to be done, as uWSGI names it: `write_body`
 */
export function lostClientLine(variables: Variables, call: string, error: Error & { readonly code?: string }): string {
  const [method, uri, address] = ['REQUEST_METHOD', 'REQUEST_URI', 'REMOTE_ADDR'].map(
    (name) => variables.get(name) ?? '',
  );
  return `uwsgi_response_${call}_do(): ${describe(error)} during ${method} ${uri} (${address})`;
}

function describe(error: Error & { readonly code?: string }): string {
  switch (error.code) {
    case 'ECONNRESET':
      return 'Connection reset by peer';
    case 'EPIPE':
      return 'Broken pipe';
    default:
      return error.message;
  }
}
