export { BaseExchange } from './base-exchange.ts';
export type { SentHead } from './sent-head.ts';
export { LAST_CHUNK, sendChunk } from './chunked.ts';
export type * from './exchange.ts';
export { HttpError, reasonPhrase } from './http-error.ts';
export { errorHead, findHeader, removeHeader } from './response-head.ts';
export { EMPTY_BODY } from './request-body.ts';
export { ResponseParser, type ResponseReceiver } from './response-parser.ts';
export {
  ConnectionServer,
  type ConnectionLimits,
  type ConnectionServerSettings,
  type PacketAnswer,
  type UwsgiPacket,
} from './connection-server.ts';
export { HttpServer, type HttpServerSettings } from './http-server.ts';
export { type Expiring, TimerWheel } from './timer-wheel.ts';
export { Variables } from './variables.ts';
export { UwsgiServer } from './uwsgi-server.ts';
