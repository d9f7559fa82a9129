/**
 * JSON as uWSGI's statistics servers print it (UWSGI-FACTS 9.11): tabs, no blank behind the colon, plain values of a list not
 * indented, an empty list as an empty line. Unlike uWSGI's it stays JSON whatever characters a name has.
 */
export function uwsgiJson(value: object): string {
  return print(value, '');
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

function print(value: unknown, indent: string): string {
  const json = value as Json;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[\n${json.map((each) => listed(each, `${indent}\t`)).join(',\n')}\n${indent}]`;
  const inner = `${indent}\t`;
  const members = Object.entries(json).map(([key, each]) => `${inner}${JSON.stringify(key)}:${print(each, inner)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function listed(value: unknown, indent: string): string {
  return typeof value === 'object' ? indent + print(value, indent) : JSON.stringify(value);
}
