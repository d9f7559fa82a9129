import { ctime, twoDigits, zoneOffset } from './ctime.ts';

const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DIRECTIVE = /%([a-zA-Z%])/g;

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1);
  return Math.round((Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000) + 1;
}

function twelveHour(date: Date): number {
  return date.getHours() % 12 || 12;
}

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => LONG_DAYS[date.getDay()]?.slice(0, 3) ?? '',
  A: (date) => LONG_DAYS[date.getDay()] ?? '',
  b: (date) => LONG_MONTHS[date.getMonth()]?.slice(0, 3) ?? '',
  B: (date) => LONG_MONTHS[date.getMonth()] ?? '',
  c: (date) => ctime(Math.floor(date.getTime() / 1000)),
  C: (date) => twoDigits(Math.floor(date.getFullYear() / 100)),
  d: (date) => twoDigits(date.getDate()),
  D: (date) => strftime('%m/%d/%y', date),
  e: (date) => `${date.getDate()}`.padStart(2),
  F: (date) => strftime('%Y-%m-%d', date),
  h: (date) => LONG_MONTHS[date.getMonth()]?.slice(0, 3) ?? '',
  H: (date) => twoDigits(date.getHours()),
  I: (date) => twoDigits(twelveHour(date)),
  j: (date) => `${dayOfYear(date)}`.padStart(3, '0'),
  k: (date) => `${date.getHours()}`.padStart(2),
  l: (date) => `${twelveHour(date)}`.padStart(2),
  m: (date) => twoDigits(date.getMonth() + 1),
  M: (date) => twoDigits(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  r: (date) => strftime('%I:%M:%S %p', date),
  R: (date) => strftime('%H:%M', date),
  s: (date) => `${Math.floor(date.getTime() / 1000)}`,
  S: (date) => twoDigits(date.getSeconds()),
  t: () => '\t',
  T: (date) => strftime('%H:%M:%S', date),
  u: (date) => `${date.getDay() || 7}`,
  w: (date) => `${date.getDay()}`,
  x: (date) => strftime('%m/%d/%y', date),
  X: (date) => strftime('%H:%M:%S', date),
  y: (date) => twoDigits(date.getFullYear() % 100),
  Y: (date) => `${date.getFullYear()}`,
  z: zoneOffset,
  Z: (date) => new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).at(-1)?.value ?? '',
  '%': () => '%',
};

/** C's `strftime` in the C locale and local time. A directive that is not known stays as it is written. */
export function strftime(format: string, date: Date): string {
  return format.replace(DIRECTIVE, (written, letter: string) => DIRECTIVES[letter]?.(date) ?? written);
}
