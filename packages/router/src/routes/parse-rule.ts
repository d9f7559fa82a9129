import { RouteError } from './route-error.ts';
import type { RouteKind } from './route-options.ts';

/** What decides whether a rule applies, as written. */
export type RuleSubject =
  | { readonly kind: 'always' }
  /** `name` is how uWSGI calls it in its table. */
  | { readonly kind: 'variable'; readonly name: string; readonly variable: string; readonly pattern: string }
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'condition'; readonly name: string; readonly argument: string; readonly negated: boolean };

/** One rule as written, taken apart. */
export type ParsedRule =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'rule'; readonly subject: RuleSubject; readonly action: string; readonly argument: string };

/** Subjects of the rules that match a variable by a pattern: uWSGI's name for the table, the variable. */
const VARIABLES: Readonly<Partial<Record<RouteKind, readonly [name: string, variable: string]>>> = {
  route: ['path_info', 'PATH_INFO'],
  'route-host': ['http_host', 'HTTP_HOST'],
  'route-uri': ['request_uri', 'REQUEST_URI'],
  'route-qs': ['query_string', 'QUERY_STRING'],
  'route-remote-addr': ['remote_addr', 'REMOTE_ADDR'],
  'route-user-agent': ['user_agent', 'HTTP_USER_AGENT'],
  'route-referer': ['referer', 'HTTP_REFERER'],
  'route-remote-user': ['remote_user', 'REMOTE_USER'],
};

/** Takes the value of a route option apart. @throws {RouteError} in uWSGI's words (UWSGI-FACTS 1.6) where it has not the form */
export function parseRule(kind: RouteKind, value: string): ParsedRule {
  if (kind === 'route-label') return { kind: 'label', label: value };
  const { subject, rest } = splitSubject(kind, value);
  const colon = rest.indexOf(':');
  if (colon === -1) {
    throw new RouteError(
      'invalid route syntax: the action needs a colon behind its name',
      rest === '' ? 'such as: last:' : `write ${rest}:`,
    );
  }
  return { kind: 'rule', subject, action: rest.slice(0, colon).trimStart(), argument: rest.slice(colon + 1) };
}

function splitSubject(kind: RouteKind, value: string): { readonly subject: RuleSubject; readonly rest: string } {
  if (kind === 'route-run') return { subject: { kind: 'always' }, rest: value };
  const space = value.indexOf(' ');
  if (space === -1) {
    throw new RouteError(
      'invalid route syntax: expected what to look for, a blank, and an action',
      'such as: ^/old redirect:/new',
    );
  }
  return { subject: parseSubject(kind, value.slice(0, space)), rest: value.slice(space + 1) };
}

function parseSubject(kind: RouteKind, text: string): RuleSubject {
  if (kind === 'route-status') return { kind: 'status', status: text };
  const variable = VARIABLES[kind];
  if (variable !== undefined) return { kind: 'variable', name: variable[0], variable: variable[1], pattern: text };
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw new RouteError(
      `invalid route condition syntax: "${text}" has no colon`,
      'such as: equal:${REQUEST_METHOD};POST break:405',
    );
  }
  return {
    kind: 'condition',
    name: text.slice(0, colon),
    argument: text.slice(colon + 1),
    negated: kind === 'route-if-not',
  };
}
