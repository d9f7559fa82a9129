import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseHttps, parseHttps2, parseIdentity } from './tls-request.ts';

const PLAIN = { ciphers: undefined, clientAuthority: undefined, clientRequired: false };

test('parseHttps reads address, certificate and key, relative to a directory', () => {
  assert.deepEqual(parseHttps(':443,a.crt,/etc/a.key', '/srv'), {
    address: ':443',
    identity: { ...PLAIN, certificate: '/srv/a.crt', key: '/etc/a.key' },
  });
});

test('parseHttps reads ciphers and a CA, which an exclamation mark makes compulsory', () => {
  const wanted = { certificate: '/srv/a.crt', key: '/srv/a.key', ciphers: 'HIGH', clientAuthority: '/srv/ca.crt' };
  assert.deepEqual(parseHttps('=0,a.crt,a.key,HIGH,ca.crt', '/srv')?.identity, { ...wanted, clientRequired: false });
  assert.deepEqual(parseHttps('=0,a.crt,a.key,HIGH,!ca.crt', '/srv')?.identity, { ...wanted, clientRequired: true });
});

test('parseHttps2 reads the same by name', () => {
  assert.deepEqual(parseHttps2('addr=:443,key=a.key,cert=a.crt,client_ca=ca.crt', '/srv'), {
    address: ':443',
    identity: { ...PLAIN, certificate: '/srv/a.crt', key: '/srv/a.key', clientAuthority: '/srv/ca.crt' },
  });
});

test('parseHttps, parseHttps2 and parseIdentity give nothing when a part is missing', () => {
  assert.equal(parseHttps(':443', '/srv'), undefined);
  assert.equal(parseHttps(':443,a.crt', '/srv'), undefined);
  assert.equal(parseHttps(',a.crt,a.key', '/srv'), undefined);
  assert.equal(parseHttps2('addr=:443,cert=a.crt', '/srv'), undefined);
  assert.equal(parseIdentity('a.crt', '/srv'), undefined);
});
