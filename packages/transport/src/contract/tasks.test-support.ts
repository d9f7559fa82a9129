import assert from 'node:assert/strict';
import test from 'node:test';

import type { Transport } from '../transport.ts';

/** What is to be done soon. */
export function testTasks(name: string, makeTransport: () => Transport): void {
  test(`${name} runs a task soon, outside of the call that asks for it, and what that asks for too`, async () => {
    const transport = makeTransport();
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const last = {
      run: (): void => {
        order.push('last');
        done.resolve();
      },
    };
    transport.soon({
      run: () => {
        transport.soon(last);
        order.push('first');
      },
    });
    order.push('asked');
    await done.promise;
    assert.deepEqual(order, ['asked', 'first', 'last']);
  });
}
