import { testBytes } from './bytes.test-support.ts';
import { testClosing } from './closing.test-support.ts';
import { testDestroying } from './destroying.test-support.ts';
import { testFiles } from './files.test-support.ts';
import { testFlow } from './flow.test-support.ts';
import { testListening } from './listening.test-support.ts';
import { Place } from './place.test-support.ts';
import { testTasks } from './tasks.test-support.ts';
import { testTcp } from './tcp.test-support.ts';
import { testUnix } from './unix.test-support.ts';
import type { Transport } from '../transport.ts';

/** Holds a transport to its contract. One suite for all of them. */
export function testTransport(name: string, makeTransport: () => Transport): void {
  for (const kind of ['tcp', 'unix'] as const) {
    const open = (): Place => new Place(makeTransport(), kind);
    testBytes(name, kind, open);
    testFlow(name, kind, open);
    testClosing(name, kind, open);
    testDestroying(name, kind, open);
    testListening(name, kind, open);
    testFiles(name, kind, open);
  }
  testTcp(name, makeTransport);
  testUnix(name, makeTransport);
  testTasks(name, makeTransport);
}
