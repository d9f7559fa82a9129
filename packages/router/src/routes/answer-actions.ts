import { Buffer } from 'node:buffer';

import { type ActionKind, ANSWER_PHASES } from './action.ts';
import { RouteError } from './route-error.ts';

/** `302 Found` or `301 Moved Permanently` with the bodies uWSGI sends (UWSGI-FACTS 11.5). */
function redirecting(status: 301 | 302, reason: string, text: string): ActionKind {
  const body = Buffer.from(text);
  return {
    phases: ANSWER_PHASES,
    compile: ({ argument, template }) => {
      const location = template(argument);
      if (location.constant === '') throw new RouteError('invalid route syntax: redirect: needs a URL');
      return (context) => {
        context.answer({ status, reason, headers: ['Location', encodeUrl(location.evaluate(context))] }, body);
        return 'answered';
      };
    },
  };
}

/** Bytes that no URL may have (RFC 3986 section 2); variables hold them decoded. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNFIT = /[\u0000-\u0020\u007f-\u00ff]/g;

function encodeUrl(url: string): string {
  return url.replaceAll(UNFIT, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

const redirect = redirecting(302, 'Found', 'Moved');
const redirectPermanent = redirecting(301, 'Moved Permanently', 'Moved Permanently');

/** Bytes in front of the body; with `break:` behind it, they are the body. */
function sending(suffix: string): ActionKind {
  return {
    phases: ANSWER_PHASES,
    compile: ({ argument, template }) => {
      const text = template(argument);
      return (context) => {
        context.send(text.evaluate(context) + suffix);
        return 'next';
      };
    },
  };
}

/** Actions that make an answer, or a part of one. */
export const ANSWER_ACTIONS: Readonly<Record<string, ActionKind>> = {
  redirect,
  'redirect-302': redirect,
  'redirect-301': redirectPermanent,
  'redirect-permanent': redirectPermanent,
  send: sending(''),
  'send-crnl': sending('\r\n'),
};
