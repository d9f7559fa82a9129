import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { type Place, type Kind } from './place.test-support.ts';

/** Accepting. */
export function testListening(name: string, kind: Kind, open: () => Place): void {
  test(`${name} (${kind}) accepts no more when the listener is closed; what is open stays open`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    place.listener.close();
    place.listener.close();
    client.tell((stream) => stream.write('still here'));
    await server.until(() => server.text === 'still here');
    const late = place.connect();
    await late.untilClosed();

    assert.ok(late.error?.code === 'ECONNREFUSED' || late.error?.code === 'ENOENT');
  });

  test(`${name} (${kind}) serves many connections at once`, async () => {
    await using place = open();
    place.onAccept = (server) => {
      server.on.data = (_, chunk) => void server.stream?.write(Buffer.from(chunk));
      server.on.end = () => server.stream?.end();
    };
    const clients = Array.from({ length: 300 }, () => place.connect());
    for (const [i, client] of clients.entries()) client.stream?.write(`client ${i}`);
    await Promise.all(clients.map((client, i) => client.until(() => client.text === `client ${i}`)));
    for (const client of clients) client.stream?.end();
    await Promise.all(clients.map((client) => client.untilClosed()));
    assert.ok(clients.every(({ error }) => error === undefined));
  });
}
