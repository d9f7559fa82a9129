import type { Buffer } from 'node:buffer';

import { decodeUwsgiHeader, decodeUwsgiVariables, encodeUwsgiPacket, UWSGI_HEADER_BYTES } from './uwsgi-packet.ts';

/**
 * How an instance tells a router that it answers requests for a host: one uwsgi packet in one datagram.
 *
 *     modifier1  224
 *     modifier2  0: the node is there (sent every few seconds) · 1: the node leaves
 *     block      key        the host name, up to 255 bytes
 *                address    where the node speaks uwsgi: HOST:PORT, :PORT, or the path of a UNIX socket
 *                modifier1, modifier2, cores, load, weight     decimal numbers
 *                proto      `http` where the node speaks HTTP (newer versions of uWSGI, and ours)
 *                unix, sign of signed subscriptions
 *
 * What is not known is skipped.
 */
export interface Announcement {
  readonly leaves: boolean;
  readonly key: string;
  readonly address: string;
  readonly modifier1: number;
  readonly modifier2: number;
  /** Requests the node can answer at a time. */
  readonly cores: number;
  readonly load: number;
  /** Share of the requests beside other nodes of the same key; 0 counts as 1. */
  readonly weight: number;
  readonly protocol: 'uwsgi' | 'http';
}

const MODIFIER1 = 224;
const LEAVES = 1;
/** Longest key and address, as in uWSGI. */
const MAX_TEXT_BYTES = 255;
const DIGITS = /^[0-9]{1,9}$/;

/** @returns undefined for what is no announcement */
export function decodeAnnouncement(datagram: Buffer): Announcement | undefined {
  if (datagram.length < UWSGI_HEADER_BYTES) return undefined;
  const { modifier1, modifier2, blockBytes } = decodeUwsgiHeader(datagram);
  if (modifier1 !== MODIFIER1 || modifier2 > LEAVES || datagram.length < UWSGI_HEADER_BYTES + blockBytes)
    return undefined;
  const list = decodeUwsgiVariables(datagram.subarray(UWSGI_HEADER_BYTES, UWSGI_HEADER_BYTES + blockBytes));
  if (list === undefined) return undefined;
  const found = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) found.set(list[i] ?? '', list[i + 1] ?? '');
  const number = (name: string, max: number): number => {
    const text = found.get(name) ?? '';
    return DIGITS.test(text) ? Math.min(max, Number(text)) : 0;
  };
  const key = found.get('key') ?? '';
  const address = found.get('address') ?? '';
  if (!isText(key) || !isText(address)) return undefined;
  return {
    leaves: modifier2 === LEAVES,
    key,
    address,
    modifier1: number('modifier1', 255),
    modifier2: number('modifier2', 255),
    cores: number('cores', 1_000_000),
    load: number('load', 1_000_000_000),
    weight: number('weight', 1_000_000),
    protocol: found.get('proto')?.startsWith('http') === true ? 'http' : 'uwsgi',
  };
}

/** It goes into logs and is compared: neither empty nor with control characters. */
function isText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text !== '' && text.length <= MAX_TEXT_BYTES && !/[\x00-\x20\x7f]/.test(text);
}

/** @throws RangeError for a key or an address that is too long */
export function encodeAnnouncement(announcement: Announcement): Buffer {
  const { key, address, protocol } = announcement;
  for (const text of [key, address]) {
    if (text.length > MAX_TEXT_BYTES)
      throw new RangeError(`"${text.slice(0, 40)}..." is longer than ${MAX_TEXT_BYTES} characters`);
  }
  const list = ['key', key, 'address', address];
  for (const name of ['modifier1', 'modifier2', 'cores', 'load', 'weight'] as const)
    list.push(name, String(announcement[name]));
  if (protocol === 'http') list.push('proto', 'http');
  return encodeUwsgiPacket(MODIFIER1, announcement.leaves ? LEAVES : 0, list);
}
