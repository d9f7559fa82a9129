/** IMF-fixdate, and the two obsolete forms that must be understood (RFC 9110 section 5.6.7). */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC850 = /^[A-Z][a-z]+, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** A date for a header, such as `Sun, 22 Nov 2026 17:26:41 GMT`. */
export function formatHttpDate(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toUTCString();
}

/** The unix time in seconds of a date in a header; undefined when it is not one. */
export function parseHttpDate(text: string): number | undefined {
  let written = text;
  if (ASCTIME.test(text)) written = `${text} GMT`;
  else if (!IMF_FIXDATE.test(text) && !RFC850.test(text)) return undefined;
  const milliseconds = Date.parse(written);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
