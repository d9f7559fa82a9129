import { Buffer } from 'node:buffer';

import { type Cache, unixSeconds } from '@emperor/cache';
import type { PacketAnswer, UwsgiPacket } from '@emperor/http';
import { decodeUwsgiVariables, encodeUwsgiPacket, Modifier1 } from '@emperor/protocol';

/*
 * The cache over the uwsgi protocol (UWSGI-FACTS 12.4), modifier1 111. By modifier2:
 *
 *   17       variables cmd = get, set, update, del, exists or clear, key, size and expires of a value that follows, cache; a good answer is a
 *            packet of the same kind with status=ok, size, expires, and the value behind it; a bad one is none
 *   0, 2     the block is a key of the default cache: its value, as a packet; it is removed
 *   1        every variable is a key and a value for the default cache
 *   3, 4     the variable key, or get, names a whole HTTP answer in the default cache, or in that of the variable cache; where there is none
 *            the connection closes, so that a web server can ask the app, or with get it is a 404
 */
const MAGIC = 17;

const NOTHING = Buffer.alloc(0);
const NOT_FOUND = Buffer.from(
  'HTTP/1.0 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nNot Found',
);
/** Values that come in one packet have no need to be longer than a cache would take. */
const LARGEST_VALUE_BYTES = 64 * 1024 * 1024;

type FindCache = (name: string) => Cache | undefined;

/** Answers one packet for the cache. @returns undefined for one it does not know */
export function takeCachePacket(
  { modifier1, modifier2, block }: UwsgiPacket,
  find: FindCache,
): PacketAnswer | undefined {
  if (modifier1 !== Modifier1.cache) return undefined;
  const bodyless = (answer: () => Promise<Buffer>): PacketAnswer => ({ bodyBytes: 0, answer });
  const key = block.toString('latin1');
  const variables = variablesOf(block);
  switch (modifier2) {
    case 0:
      return bodyless(async () => packet(0, [], (await find('')?.get(key))?.value ?? NOTHING));
    case 1:
      return bodyless(async () => {
        for (const [name, value] of variables) await find('')?.set(name, Buffer.from(value, 'latin1'));
        return NOTHING;
      });
    case 2:
      return bodyless(async () => {
        await find('')?.delete(key);
        return NOTHING;
      });
    case 3:
    case 4:
      return bodyless(async () => {
        const name = variables.get('key') ?? variables.get('get') ?? '';
        const found = await find(variables.get('cache') ?? '')?.get(name);
        return found?.value ?? (variables.has('get') ? NOT_FOUND : NOTHING);
      });
    case MAGIC:
      return magic(variables, find);
    default:
      return undefined;
  }
}

function magic(variables: ReadonlyMap<string, string>, find: FindCache): PacketAnswer {
  const size = Number.parseInt(variables.get('size') ?? '0', 10) || 0;
  return {
    bodyBytes: Math.min(Math.max(size, 0), LARGEST_VALUE_BYTES),
    answer: async (body) => {
      const cache = find(variables.get('cache') ?? '');
      return cache === undefined ? NOTHING : carryOut(variables, cache, body);
    },
  };
}

async function carryOut(variables: ReadonlyMap<string, string>, cache: Cache, body: Buffer): Promise<Buffer> {
  const key = variables.get('key') ?? '';
  const command = variables.get('cmd');
  switch (command) {
    case 'get': {
      const item = await cache.get(key);
      if (item === undefined) return NOTHING;
      const list = ['size', String(item.value.length)];
      if (item.expiresAt > 0) list.push('expires', String(Math.floor(unixSeconds(item.expiresAt))));
      return packet(MAGIC, ['status', 'ok', ...list], item.value);
    }
    case 'exists':
      return verdict(await cache.has(key));
    case 'set':
    case 'update': {
      const seconds = Number.parseInt(variables.get('expires') ?? '0', 10) || 0;
      return verdict(await cache.set(key, body, { seconds, onlyIfAbsent: command === 'set' }));
    }
    case 'del':
      return verdict(await cache.delete(key));
    case 'clear':
      return verdict(await cache.clear());
    default:
      return NOTHING;
  }
}

function verdict(isGood: boolean): Buffer {
  return isGood ? packet(MAGIC, ['status', 'ok'], NOTHING) : NOTHING;
}

function packet(modifier2: number, list: readonly string[], value: Buffer): Buffer {
  return Buffer.concat([encodeUwsgiPacket(Modifier1.cache, modifier2, list), value]);
}

function variablesOf(block: Buffer): ReadonlyMap<string, string> {
  const list = decodeUwsgiVariables(block) ?? [];
  const variables = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) variables.set(list[i] ?? '', list[i + 1] ?? '');
  return variables;
}
