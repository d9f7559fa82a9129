import assert from 'node:assert/strict';
import test from 'node:test';

import { Variables } from '@emperor/http';
import * as fc from 'fast-check';

import { forwardedLines } from './forwarding.ts';
import { TrustedProxies } from './trusted-proxies.ts';

function lines(variables: Readonly<Record<string, string>>, trusted: readonly string[] = []): string[] {
  const given = new Variables();
  for (const [name, value] of Object.entries(variables)) given.add(name, value);
  return forwardedLines(given, new TrustedProxies(trusted)).split('\r\n');
}

test('forwardedLines quotes addresses and hosts as RFC 7239 wants it', () => {
  const forwarded = lines({ REMOTE_ADDR: '2001:db8::1', HTTP_HOST: 'example.com:8000', HTTPS: 'on' }).at(-2);
  assert.equal(forwarded, 'Forwarded: for="[2001:db8::1]";host="example.com:8000";proto=https');
});

test('forwardedLines says nothing of a client on a UNIX socket but that it is unknown', () => {
  const text = lines({ REMOTE_ADDR: '', HTTP_HOST: 'x' });
  assert.ok(!text.some((line) => line.startsWith('X-Forwarded-For')));
  assert.equal(text.at(-2), 'Forwarded: for=unknown;host=x;proto=http');
});

test('forwardedLines keeps to its lines, whatever header values a client can send', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', '"', '\\', ';', ',', ' ', '=', ':', '[', '\xff'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(value, value, (host, chain) => {
      const text = lines({ REMOTE_ADDR: '10.1.2.3', HTTP_HOST: host, HTTP_FORWARDED: chain }, ['10.0.0.0/8']);
      assert.deepEqual(
        text.map((line) => line.split(':', 1)[0]).filter((name) => name !== 'X-Forwarded-Host'),
        ['X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded', ''],
      );
    }),
  );
});
