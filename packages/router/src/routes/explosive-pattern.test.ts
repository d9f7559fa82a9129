import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isExplosive } from './explosive-pattern.ts';

test('isExplosive finds what can take exponential time', () => {
  for (const pattern of [
    /^(a+)+$/,
    /^(a*)*$/,
    /^(a|a)*$/,
    /^(a|ab|b)*$/,
    /^(a|aa)+$/,
    /^([^/]+\/?)*$/,
    /^(?:.*\/)*$/,
    /^(\w+\s?)*$/,
    /^(a?b?)*$/,
    /^(a{1,20}){1,20}$/,
    /^(x+x+)+y/,
    /(?=(a+)+b)c/,
    /^(.*)\1*(.+)*$/,
    /^([a-z0-9]+[-_.]?)+@/i,
    /^(?:[A-Z]|[a-z])*$/i,
  ]) {
    assert.equal(isExplosive(pattern), true, String(pattern));
  }
});

test('isExplosive leaves common patterns alone', () => {
  for (const pattern of [
    /^\/static\/(.*)\.(css|js|png)$/,
    /^\/([^/]+)\/([^/]+)\/?$/,
    /^(?:[^/]*\/)*x$/,
    /^(\d{1,3}\.){3}\d{1,3}$/,
    /^[0-9a-f]{32}$/,
    /(?:foo|bar)+$/,
    /^(a+b)*$/,
    /\.(?:jpe?g|gif)$/i,
    /^(?!\/admin)(.*)$/,
    /^\/(?<year>\d{4})\/\d\d$/,
    /bot|crawl|spider/i,
    /^.*foo.*bar$/,
    /^\/[\w-]+(?:\/[\w-]+)*$/,
    /[\]\\^-]*\x41\u0042\cA\//,
    /a{,3}{|}]/,
    /()*()+/,
  ]) {
    assert.equal(isExplosive(pattern), false, String(pattern));
  }
});

test('isExplosive does not vouch for what is too large to be examined', () => {
  assert.equal(isExplosive(new RegExp(`(?:${'abcdefghij'.repeat(60)})*`)), true);
});
