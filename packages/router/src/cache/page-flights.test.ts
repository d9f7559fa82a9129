import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Exchange } from '@emperor/http';

import { PageFlights } from './page-flights.ts';

function exchange(aborted = false): Exchange {
  return { aborted } as Exchange;
}

test('PageFlights lets others wait for the one who makes a page, until it is kept', async () => {
  const flights = new PageFlights();
  const maker = exchange();
  assert.equal(flights.awaited('p'), undefined);
  flights.begin('p', maker);
  const awaited = flights.awaited('p');
  assert.ok(awaited !== undefined);
  assert.equal(flights.awaited('q'), undefined);
  flights.kept(maker);
  await awaited;
  assert.equal(flights.awaited('p'), undefined);
  flights.over(maker);
  flights.begin('p', exchange());
  assert.ok(flights.awaited('p') !== undefined);
});

test('PageFlights lets nobody wait for a page that has just turned out not to be kept', async () => {
  const flights = new PageFlights();
  const maker = exchange();
  flights.begin('p', maker);
  const awaited = flights.awaited('p');
  flights.over(maker);
  await awaited;
  flights.begin('p', exchange());
  assert.equal(flights.awaited('p'), undefined);
});

test('PageFlights has one maker for a page: the end of another one wakes nobody', () => {
  const flights = new PageFlights();
  const second = exchange();
  flights.begin('p', exchange());
  flights.begin('p', second);
  flights.over(second);
  assert.ok(flights.awaited('p') !== undefined);
});

test('PageFlights goes on with another maker when the client of the first one went away', async () => {
  const flights = new PageFlights();
  const gone = exchange(true);
  flights.begin('p', gone);
  const awaited = flights.awaited('p');
  flights.over(gone);
  await awaited;
  assert.equal(flights.awaited('p'), undefined);
  flights.begin('p', exchange());
  assert.ok(flights.awaited('p') !== undefined);
});
