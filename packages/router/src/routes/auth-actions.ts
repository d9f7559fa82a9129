import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { ActionKind, ActionSource, Outcome } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { HtpasswdFile } from './htpasswd-file.ts';
import { areEqual, checkPassword } from './password-check.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const BODY = Buffer.from('Unauthorized');

interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Decides whether a user has that password. */
type Check = (credentials: Credentials, mayWait: boolean) => boolean | Promise<boolean>;

/**
 * `basicauth:REALM,USER:PASSWORD` or `basicauth:REALM,FILE` with a htpasswd file: goes on with the next rule for who is known, and
 * answers 401 to others (UWSGI-FACTS 11.9).
 * @param leavesOthers a wrong password is left to the next rule, such as one with another file; no password is asked for all the same
 */
function basicAuth(leavesOthers: boolean): ActionKind {
  return {
    phases: ['request'],
    guards: true,
    compile: (source) => {
      const comma = source.argument.indexOf(',');
      if (comma === -1) {
        throw new RouteError(
          `invalid route syntax: ${source.argument}`,
          'write basicauth:REALM,USER:PASSWORD or basicauth:REALM,FILE',
        );
      }
      const realm = source.argument.slice(0, comma).replaceAll(/["\\]/g, String.raw`\$&`);
      const check = compileCheck(source.argument.slice(comma + 1), source);
      const refuse = (context: RouteContext): Outcome => {
        const headers = ['WWW-Authenticate', `Basic realm="${realm}"`];
        context.answer({ status: 401, reason: 'Authorization Required', headers }, BODY);
        return 'answered';
      };
      return (context) => {
        // Whoever is known already, by another rule or by the server in front of a uwsgi socket, is not asked again.
        if ((context.exchange.variables.get('REMOTE_USER') ?? '') !== '') return 'next';
        const credentials = readCredentials(context.exchange.variables.get('HTTP_AUTHORIZATION'));
        if (credentials === undefined) return refuse(context);
        const settle = (isKnown: boolean): Outcome => {
          if (!isKnown) return leavesOthers ? 'next' : refuse(context);
          context.exchange.variables.redefine('REMOTE_USER', credentials.user);
          return 'next';
        };
        const known = check(credentials, context.mayWait);
        return typeof known === 'boolean' ? settle(known) : known.then(settle);
      };
    },
  };
}

function compileCheck(text: string, { settings, warn }: ActionSource): Check {
  const colon = text.indexOf(':');
  if (colon !== -1) {
    const wanted = text;
    return ({ user, password }) => areEqual(`${user}:${password}`, wanted);
  }
  if (text === '') throw new RouteError('invalid route syntax: basicauth: needs USER:PASSWORD or a file');
  const name = path.resolve(settings.directory, fromByteText(text));
  if (!existsSync(name)) warn(`basicauth: there is no file ${name}: nobody can log in until it is there`);
  const file = new HtpasswdFile(name, settings.log);
  return ({ user, password }, mayWait) => {
    const hash = file.hashOf(user);
    return hash !== undefined && checkPassword(password, hash, mayWait);
  };
}

/** Reads an Authorization header (RFC 7617). */
function readCredentials(header: string | undefined): Credentials | undefined {
  const match = header === undefined ? null : BASIC.exec(header);
  if (match === null) return undefined;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('latin1');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Actions that ask who the user is. */
export const AUTH_ACTIONS: Readonly<Record<string, ActionKind>> = {
  basicauth: basicAuth(false),
  'basicauth-next': basicAuth(true),
};
