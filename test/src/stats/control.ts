import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

import { patienceMs, within } from '../rig/until.ts';

/** Asks the control socket of a vassal of ours one thing, as its emperor does. */
export async function askControl<Answer>(path: string, request: object): Promise<Answer> {
  const socket = connect(path);
  const answers = createInterface(socket);
  socket.write(`${JSON.stringify(request)}\n`);
  const answer = within(patienceMs, `an answer to ${JSON.stringify(request)}`, once(answers, 'line'));
  const [line] = (await answer) as [string];
  socket.destroy();
  return JSON.parse(line) as Answer;
}
