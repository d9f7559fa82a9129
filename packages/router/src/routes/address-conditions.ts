import { BlockList, isIPv4, isIPv6 } from 'node:net';

import type { ConditionCompiler } from './condition.ts';
import { splitArguments } from './condition.ts';

type Family = 'ipv4' | 'ipv6';

/** `ipv4in:ADDRESS;NETWORK` with a network such as `10.0.0.0/8`; without a length it is one address. */
function within(family: Family): ConditionCompiler {
  const isAddress = family === 'ipv4' ? isIPv4 : isIPv6;
  return (source) => {
    const texts = splitArguments(source);
    if (texts === undefined) return () => false;
    const [address, network] = texts;
    const fixed = network.constant === undefined ? undefined : parseNetwork(network.constant, family);
    if (network.constant !== undefined && fixed === undefined) {
      source.warn(`the condition never holds: "${network.constant}" is no ${family} network`, 'such as: 10.0.0.0/8');
      return () => false;
    }
    return (context) => {
      const given = address.evaluate(context);
      if (!isAddress(given)) return false;
      return (fixed ?? parseNetwork(network.evaluate(context), family))?.check(given, family) === true;
    };
  };
}

function parseNetwork(text: string, family: Family): BlockList | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? bits : /^[0-9]{1,3}$/.test(length) ? Number(length) : -1;
  if (rest.length > 0 || prefix < 0 || prefix > bits) return undefined;
  if (family === 'ipv4' ? !isIPv4(address) : !isIPv6(address)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list;
}

/** Conditions over addresses. */
export const ADDRESS_CONDITIONS: Readonly<Record<string, ConditionCompiler>> = {
  ipv4in: within('ipv4'),
  ipv6in: within('ipv6'),
};
