import { Buffer } from 'node:buffer';

import { cachedBySecond, ctime } from './ctime.ts';

/** Facilities of RFC 3164 by the names that syslog(3) gives them. */
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'security',
  'console',
  'solaris-cron',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];
const INFO = 6;

/** The number of a facility's messages of severity "info"; undefined for a facility that does not exist. */
export function facilityPriority(name: string): number | undefined {
  const facility = FACILITIES.indexOf(name.toLowerCase());
  return facility === -1 ? undefined : facility * 8 + INFO;
}

/** Makes messages of RFC 3164: `<30>Nov 22 18:29:16 ident: text`. */
export function syslogFrame(priority: number, ident: string): (line: Buffer) => Buffer {
  const timestamp = cachedBySecond((second) => ctime(second).slice(4, 19));
  return (line) => {
    const head = `<${priority}>${timestamp(Math.floor(Date.now() / 1000))} ${ident}: `;
    return Buffer.concat([Buffer.from(head), line]);
  };
}

/** Keeps messages to a size: what is too long is cut, or goes on in further messages with the same head. */
export function packets(
  frame: (line: Buffer) => Buffer,
  maxBytes: number,
  isSplit: boolean,
): (line: Buffer) => readonly Buffer[] {
  return (line) => {
    const whole = frame(line);
    if (whole.length <= maxBytes) return [whole];
    if (!isSplit) return [whole.subarray(0, maxBytes)];
    const room = Math.max(1, maxBytes - (whole.length - line.length));
    const parts: Buffer[] = [];
    for (let start = 0; start < line.length; start += room) parts.push(frame(line.subarray(start, start + room)));
    return parts;
  };
}
