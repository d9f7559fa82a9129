import type { ServerResponse } from 'node:http';

export const PLAIN_TEXT = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json';

/** Who takes longer over an answer gets the rest of it no more: each holds a whole one in our memory. */
const READER_PATIENCE_MS = 30_000;

/** Sends an answer that is there as a whole. */
export function sendWhole(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  const patience = setTimeout(() => response.destroy(), READER_PATIENCE_MS).unref();
  response.on('close', () => clearTimeout(patience));
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  sendWhole(response, status, JSON_TYPE, JSON.stringify(body));
}
