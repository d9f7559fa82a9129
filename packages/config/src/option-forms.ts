import { isIP } from 'node:net';

import { parseBackend } from './backend.ts';
import { parseCache } from './cache-text.ts';
import { ConfigError } from './config-error.ts';
import { parseSubscribe2, parseSubscribeTo } from './subscription.ts';

/** Forms that the text of an option can be asked to have. */
export type OptionForm =
  | 'NAME=VALUE'
  | '/PATH=TARGET'
  | 'MOUNTPOINT=APP'
  | 'NAME: VALUE'
  | 'HEADER VARIABLE'
  | 'FIVE TIMES AND COMMAND'
  | 'KEYS AND VALUES'
  | 'BACKEND'
  | 'SERVER:KEY'
  | 'SUBSCRIPTION'
  | 'CACHE'
  | 'NETWORK';

interface FormRule {
  readonly isMet: (text: string) => boolean;
  readonly expected: string;
}

const FORMS: Readonly<Record<OptionForm, FormRule>> = {
  'NAME=VALUE': { isMet: (text) => text.indexOf('=') > 0, expected: 'NAME=VALUE' },
  '/PATH=TARGET': { isMet: (text) => text.indexOf('=') > 0, expected: '/PATH=TARGET' },
  'MOUNTPOINT=APP': { isMet: (text) => /^[^=]*=./s.test(text), expected: '/PATH=APP, such as: /shop=shop.py' },
  'NAME: VALUE': { isMet: (text) => text.indexOf(':') > 0, expected: 'NAME: VALUE' },
  'HEADER VARIABLE': { isMet: (text) => words(text, 3).length === 2, expected: 'two words, HEADER VARIABLE' },
  'FIVE TIMES AND COMMAND': {
    isMet: (text) => {
      const parts = words(text, 6);
      return parts.length > 5 && parts.slice(0, 5).every((part) => /^-?\d{1,4}$/.test(part));
    },
    expected: 'MINUTE HOUR DAY MONTH WEEKDAY COMMAND, such as: 0 3 -1 -1 -1 backup.sh (-1 is any, -5 every fifth)',
  },
  // Read by parsers of their own, which say more.
  BACKEND: { isMet: () => true, expected: '' },
  'SERVER:KEY': { isMet: () => true, expected: '' },
  SUBSCRIPTION: { isMet: () => true, expected: '' },
  CACHE: { isMet: () => true, expected: '' },
  NETWORK: {
    isMet: isNetwork,
    expected: 'an address, a network such as 10.0.0.0/8 or 2001:db8::/32, or * for everybody',
  },
  'KEYS AND VALUES': { isMet: (text) => text.includes('='), expected: 'KEY=VALUE,KEY=VALUE' },
};

/**
 * Checks the text of an option against its form.
 * @throws {ConfigError} when it has not the form
 */
export function checkForm(text: string, form: OptionForm): void {
  if (form === 'BACKEND') parseBackend(text);
  if (form === 'SERVER:KEY') parseSubscribeTo(text);
  if (form === 'SUBSCRIPTION') parseSubscribe2(text);
  if (form === 'CACHE') parseCache(text, 0);
  const rule = FORMS[form];
  if (!rule.isMet(text))
    throw new ConfigError(`invalid syntax: ${JSON.stringify(text.slice(0, 80))}`, `expected ${rule.expected}`);
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return text === '*' || (version !== 0 && Number(prefix ?? 0) <= (version === 4 ? 32 : 128));
}

/** The blank-separated words of a text, no more than `limit`, the last one with everything behind it. */
function words(text: string, limit: number): string[] {
  const found: string[] = [];
  let rest = text.trimStart();
  while (rest !== '' && found.length < limit - 1) {
    const end = rest.search(/\s/);
    if (end === -1) break;
    found.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  if (rest !== '') found.push(rest);
  return found;
}
