import { findHeader, type ResponseHead } from '@emperor/http';

import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';

/** `collect-header`, `pull-header`: copies a header of every answer to a variable. */
export interface CollectedHeader {
  readonly header: string;
  readonly lowerName: string;
  readonly variable: string;
  /** `pull-header`: the client does not get it. */
  readonly removes: boolean;
}

/** Reads `HEADER VARIABLE`. @throws {RouteError} */
export function parseCollectedHeader(option: 'collect-header' | 'pull-header', value: string): CollectedHeader {
  const [header = '', variable = '', ...rest] = value.trim().split(/\s+/);
  if (variable === '' || rest.length > 0) {
    const verb = option.slice(0, option.indexOf('-'));
    throw new RouteError(
      `invalid ${verb} header syntax, must be <header> <var>`,
      `such as: ${option} = Content-Type RESPONSE_CONTENT_TYPE`,
    );
  }
  return { header, lowerName: header.toLowerCase(), variable, removes: option === 'pull-header' };
}

/** What is printed at start (UWSGI-FACTS 11.2). */
export function describeCollectedHeader({ header, variable, removes }: CollectedHeader): string {
  return `${removes ? 'pulling' : 'collecting'} header ${header} to var ${variable}`;
}

/** Does it for one answer. An answer without the header sets nothing. */
export function collectHeader(collected: CollectedHeader, context: RouteContext, { headers }: ResponseHead): void {
  const value = findHeader(headers, collected.lowerName);
  if (value === undefined) return;
  context.exchange.variables.redefine(collected.variable, value);
  if (collected.removes) context.removeHeader(collected.lowerName);
}
