export * from './emperor-bytes.ts';
export * from './control-messages.ts';
export * from './worker-frame.ts';
export * from './uwsgi-packet.ts';
export * from './uwsgi-keepalive.ts';
export * from './proxy-protocol.ts';
export * from './subscription-packet.ts';
export * from './websocket-frame.ts';
