export { BaseExchange, errorHead, findHeader, removeHeader, type SentHead } from './base-exchange.ts';
export type * from './exchange.ts';
export { HttpError, reasonPhrase } from './http-error.ts';
export { ResponseParser, type ResponseReceiver } from './response-parser.ts';
export { ConnectionServer, type ConnectionLimits, type ConnectionServerSettings } from './connection-server.ts';
export { HttpServer, type HttpServerSettings } from './http-server.ts';
export { TimerWheel } from './timer-wheel.ts';
export { Variables } from './variables.ts';
export { UwsgiServer } from './uwsgi-server.ts';
