import assert from 'node:assert/strict';

import { HttpClient } from '../rig/http-client.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Asks for the page of the tutorial's app again and again over one connection, so many requests at a time. */
export async function askOften(port: number, requests: number, atATime: number = 1): Promise<void> {
  await using client = await HttpClient.connect(port);
  for (let asked = 0; asked < requests; asked += atATime) {
    client.send(REQUEST.repeat(atATime));
    for (let count = 0; count < atATime; count++) assert.equal((await client.answer()).status, 200);
  }
}
