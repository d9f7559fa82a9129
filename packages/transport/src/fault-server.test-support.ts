import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';

import { boundPort, listenTcp, setParentDeathSignal } from '@emperor/posix';

import { EpollTransport } from './epoll-transport.ts';
import type { Stream } from './transport.ts';

// A program of its own: the tests do to it what cannot be done to the process that tests. It echoes, and obeys some words:
//   throw    a handler throws, as a fault in ours would
//   cpu      answers with the microseconds of CPU time this process has used so far
//   count    answers with the number of open connections
//   close    stops listening and closes this connection

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

// A test run that is killed takes this program along.
setParentDeathSignal('SIGKILL');
process.on('uncaughtException', (error) => say(`uncaught ${error.message}`));
process.on('SIGTERM', () => {
  say('terminated');
  process.exit(0);
});

const transport = new EpollTransport({ complain: (message) => say(`complaint ${message}`) });
const { descriptor } = listenTcp('127.0.0.1', 0);
const address = { kind: 'tcp', host: '127.0.0.1', port: boundPort(descriptor) } as const;
let open = 0;

function obey(stream: Stream, word: string): void {
  switch (word) {
    case 'throw':
      throw new Error('as asked');
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      stream.write(`${user + system}`);
      return;
    }
    case 'count':
      stream.write(`${open}`);
      return;
    case 'close':
      listener.close();
      stream.end();
      return;
    default:
      stream.write(Buffer.from(word, 'latin1'));
  }
}

const listener = transport.listen(descriptor, address, (stream) => {
  open++;
  return {
    onData: (chunk) => obey(stream, chunk.toString('latin1')),
    onEnd: () => stream.end(),
    onDrain: () => {},
    onClose: () => open--,
  };
});
say(`port ${address.port}`);
