import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import type { BodyEncoder } from './exchange.ts';
import { startHttp, UNOBSERVED } from './rig.test-support.ts';
import { firstOfTwo, GET, ok, start } from './two-answers.test-support.ts';

/** Doubles every byte, on the next turn of the event loop; remembers what became of it. */
class Doubler implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  pendingBytes = 0;
  ends = 0;
  destroyed = false;

  write(chunk: Uint8Array): void {
    this.pendingBytes += chunk.length;
    setImmediate(() => {
      this.pendingBytes -= chunk.length;
      this.onOutput(Buffer.from([...chunk].flatMap((byte) => [byte, byte])));
    });
  }

  end(): void {
    this.ends++;
    setImmediate(() => this.onFinished());
  }

  destroy(): void {
    this.destroyed = true;
  }
}

test('Http1Exchange sends what an encoder makes of the body, without the length it had', async () => {
  for (const streamed of [false, true]) {
    const doubler = new Doubler();
    await using rig = start((exchange) => {
      exchange.addFilter({ filterHead: () => doubler });
      if (streamed) {
        exchange.start(ok('Content-Length', '4'), UNOBSERVED);
        exchange.write(Buffer.from('body'));
        exchange.end();
        exchange.end();
        exchange.write(Buffer.from('late'));
      } else {
        exchange.respond(ok('Content-Length', '4'), Buffer.from('body'));
      }
    });
    const { head, body } = await firstOfTwo(rig);
    assert.deepEqual(head, ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: keep-alive']);
    assert.equal(body, 'bbooddyy');
    assert.equal(rig.finished[0]?.bodyBytes, 4);
    assert.equal(doubler.ends, 1);
    assert.equal(doubler.destroyed, false);
  }
});

/** Another body in place of what is written. */
class Replacement extends Doubler {
  readonly outputBytes = 5;

  override write(): void {}

  override end(): void {
    this.onOutput(Buffer.from('moved'));
    super.end();
  }
}

test('Http1Exchange declares the length of a body that an encoder puts in place of another, and counts that', async () => {
  for (const streamed of [false, true]) {
    await using rig = start((exchange) => {
      exchange.addFilter({ filterHead: () => new Replacement() });
      if (streamed) {
        exchange.start(ok('Content-Length', '4'), UNOBSERVED);
        exchange.write(Buffer.from('body'));
        exchange.end();
      } else {
        exchange.respond(ok('Content-Length', '4'), Buffer.from('body'));
      }
    });
    const { head, body } = await firstOfTwo(rig);
    assert.deepEqual(head, ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Connection: keep-alive']);
    assert.equal(body, 'moved');
    assert.equal(rig.finished[0]?.bodyBytes, 5);
  }
});

test('Http1Exchange frees the encoder of an answer that is aborted or has no body', async () => {
  const encoders: Doubler[] = [];
  await using rig = startHttp((exchange) => {
    const doubler = new Doubler();
    encoders.push(doubler);
    exchange.addFilter({ filterHead: () => doubler });
    exchange.start(ok(), UNOBSERVED);
    exchange.write(Buffer.from('body'));
    if (exchange.variables.get('REQUEST_METHOD') === 'HEAD') exchange.end();
    else exchange.abort('enough');
  });
  const client = await rig.connect();
  client.send(GET.replace('GET', 'HEAD') + GET);
  await client.closed();
  assert.deepEqual(
    encoders.map(({ destroyed }) => destroyed),
    [true, true],
  );
});

test('Http1Exchange asks the answerer to wait for an encoder that is behind', async () => {
  const drained = Promise.withResolvers<void>();
  let took = true;
  await using rig = start((exchange) => {
    exchange.addFilter({ filterHead: () => new Doubler() });
    exchange.start(ok(), {
      onDrain: () => {
        exchange.end();
        drained.resolve();
      },
      onAbort: () => {},
    });
    took = exchange.write(Buffer.alloc(300_000, 'x'));
  });
  assert.equal((await firstOfTwo(rig)).body.length, 600_000);
  assert.equal(took, false);
  await drained.promise;
});

test('Http1Exchange asks the answerer to wait for a client that does not read what an encoder made', async () => {
  const total = 200;
  const stopped = Promise.withResolvers<number>();
  let written = 0;
  await using rig = startHttp((exchange) => {
    // Not behind by itself: only the client can be.
    const doubler = new Doubler();
    Object.defineProperty(doubler, 'pendingBytes', { value: 0, writable: false });
    doubler.write = (chunk) => doubler.onOutput(chunk);
    exchange.addFilter({ filterHead: () => doubler });
    const pump = (): void => {
      while (written < total) {
        written++;
        if (!exchange.write(Buffer.alloc(65_536))) return;
      }
      exchange.end();
    };
    exchange.start(ok('Connection', 'close'), { onDrain: pump, onAbort: () => {} });
    pump();
    stopped.resolve(written);
  });
  const client = await rig.connect();
  client.socket.pause();
  client.send(GET);
  assert.ok((await stopped.promise) < total);
  client.socket.resume();
  await client.closed();
  const chunkFrames = total * '10000\r\n\r\n'.length + '0\r\n\r\n'.length;
  assert.equal(client.text.length - client.text.indexOf('\r\n\r\n') - 4, total * 65_536 + chunkFrames);
});
