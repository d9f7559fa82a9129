import type { Variables } from './variables.ts';

/** A line about what went wrong with the answer to a request. */
export function aboutRequest(variables: Variables, message: string): string {
  const [method, uri, address] = whoAndWhat(variables);
  return `${message} [${method} ${uri}] (${address})`;
}

/**
 * What the log says of a client that went away before it had its answer, in uWSGI's words (UWSGI-FACTS 4.13).
 * @param call what was to be done, as uWSGI names it: `write_body`
 */
export function lostClientLine(variables: Variables, call: string, error: Error & { readonly code?: string }): string {
  const [method, uri, address] = whoAndWhat(variables);
  return `uwsgi_response_${call}_do(): ${describe(error)} during ${method} ${uri} (${address})`;
}

function whoAndWhat(variables: Variables): string[] {
  return ['REQUEST_METHOD', 'REQUEST_URI', 'REMOTE_ADDR'].map((name) => variables.get(name) ?? '');
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
