import assert from 'node:assert/strict';
import { test } from 'node:test';

import { header } from '../rig/answer.ts';
import { HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';

test('files without an app: 404 on a connection that is kept, and a new file is there at once', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('static/here.txt', 'here');
  const port = await rig.port();
  const listen = ['--http-socket', `127.0.0.1:${port}`, '--processes', '0', '--check-static', 'static'];
  const vassal = await rig.vassal(['--master', ...listen]);
  await vassal.waitForLog(/^spawned uWSGI master process /);
  await using client = await HttpClient.connect(port);
  const answerTo = async (line: string, body: string = ''): Promise<string> => {
    client.send(request(line, { Connection: 'keep-alive' }, body));
    const answer = await client.answer();
    return `${answer.status} ${header(answer, 'Content-Type')} ${answer.body.toString()}`;
  };
  assert.equal(await answerTo('GET /new.txt'), '404 text/plain Not Found');
  assert.equal(await answerTo('POST /here.txt', 'a body'), '404 text/plain Not Found');
  assert.equal(await answerTo('GET /here.txt'), '200 text/plain here');
  rig.write('static/new.txt', 'new');
  assert.equal(await answerTo('GET /new.txt'), '200 text/plain new');
});
