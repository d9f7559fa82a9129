import assert from 'node:assert/strict';
import test from 'node:test';

import { TrustedProxies } from './trusted-proxies.ts';

test('TrustedProxies knows addresses and networks of both families', () => {
  const trusted = new TrustedProxies(['192.0.2.1', '10.0.0.0/8', '2001:db8::/32', '::1']);
  for (const address of ['192.0.2.1', '10.255.1.2', '2001:db8:1::9', '::1']) assert.ok(trusted.has(address), address);
  for (const address of ['192.0.2.2', '11.0.0.1', '2001:db9::1', '::2', '', 'x'])
    assert.ok(!trusted.has(address), address);
});

test('TrustedProxies trusts nobody by itself, and everybody when told', () => {
  assert.ok(!new TrustedProxies([]).has('127.0.0.1'));
  assert.ok(new TrustedProxies(['*']).has('192.0.2.1'));
});

test('TrustedProxies names what is no address', () => {
  for (const text of ['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '::/129', '/8'])
    assert.throws(() => new TrustedProxies([text]), new RegExp(`"${text}" is no address and no network`));
});
