import assert from 'node:assert/strict';

import { HttpClient } from '../rig/http-client.ts';

/** What is asked for, if not the page of the tutorial's app one by one. */
export interface Asked {
  readonly path?: string;
  readonly status?: number;
  /** So many requests are sent at a time. */
  readonly atATime?: number;
}

/** Asks for the same again and again over one connection. */
export async function askOften(port: number, requests: number, asked: Asked = {}): Promise<void> {
  const { path = '/', status = 200, atATime = 1 } = asked;
  const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  await using client = await HttpClient.connect(port);
  for (let sent = 0; sent < requests; sent += atATime) {
    client.send(request.repeat(atATime));
    for (let count = 0; count < atATime; count++) assert.equal((await client.answer()).status, status);
  }
}
