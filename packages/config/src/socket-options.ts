/** Sockets of uWSGI's workers. */
export const WORKER_SOCKETS = ['http-socket', 'http11-socket', 'https-socket', 'socket', 'uwsgi-socket'] as const;

/** Sockets of uWSGI's http router. */
export const ROUTER_SOCKETS = ['http', 'https', 'https2', 'http-to-https'] as const;
