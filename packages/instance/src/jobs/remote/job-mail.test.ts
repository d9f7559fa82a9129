import assert from 'node:assert/strict';
import test from 'node:test';

import { jobMail } from './job-mail.ts';
import type { RemoteJob } from './remote-job.ts';

const job = { name: 'greet', data: { vars: [['YQ==', 'Yg==']] } } as unknown as RemoteJob;

test('jobMail begins with the length of its JSON, and the body follows that', () => {
  const mail = Buffer.concat(jobMail(job, Buffer.from('the body')));
  const end = 4 + mail.readUInt32LE();
  assert.deepEqual(JSON.parse(mail.toString('utf8', 4, end)), {
    name: 'greet',
    vars: [['YQ==', 'Yg==']],
    hasBody: true,
  });
  assert.equal(mail.toString('utf8', end), 'the body');
});

test('jobMail tells an empty body from none, and cuts a large one', () => {
  assert.match(String(jobMail(job, undefined)[0]), /"hasBody":false/);
  assert.match(String(jobMail(job, Buffer.alloc(0))[0]), /"hasBody":true/);
  const pieces = jobMail(job, Buffer.alloc(100_000));
  assert.deepEqual(
    pieces.slice(1).map(({ length }) => length),
    [49_152, 49_152, 1696],
  );
});
