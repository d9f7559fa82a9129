import path from 'node:path';

/** A log target as an option names it, such as `errors file:logs/errors.log`. */
export interface LogTarget {
  /** Name given in front, for `log-route`; undefined without one. */
  readonly name: string | undefined;
  readonly kind: 'file' | 'fd' | 'stdio' | 'socket' | 'syslog' | 'rsyslog';
  /** What follows the kind: a path (absolute), a number, an address. */
  readonly argument: string;
}

/** A log option whose value cannot be understood or whose target cannot be opened. */
export class LogTargetError extends Error {}

/** Loggers that uWSGI has as plugins and we have not, with the way to the same end. */
const MISSING: Readonly<Record<string, string>> = {
  crypto: 'lines are not encrypted here, send them with rsyslog to a relay on the machine',
  graylog2: 'write JSON lines (log-encoder = json …) to a socket',
  mongodblog: 'lines are not written to databases, send them with rsyslog',
  pipe: 'no program is started for lines, write to a FIFO (file:PATH)',
  redislog: 'lines are not written to databases, send them with rsyslog',
  systemd: 'leave the log on stderr, which systemd keeps',
  zeromq: 'write the lines to a socket',
};

const NAMED = /^([A-Za-z0-9_]+)[ \t]+(?=\S)/;
const KIND = /^(file|fd|stdio|socket|syslog|rsyslog)(?::|$)/;
const SCHEME = /^[a-z0-9]+:(?!\/)/;

/**
 * Reads the value of `logger` or `req-logger`: `[name ]kind:argument`, or a bare path. Relative paths count from the working
 * directory. @throws {LogTargetError}
 */
export function parseLogTarget(value: string, workingDirectory: string): LogTarget {
  const name = NAMED.exec(value)?.[1];
  const text = name === undefined ? value : value.replace(NAMED, '');
  const kind = KIND.exec(text)?.[1] as LogTarget['kind'] | undefined;
  if (kind === undefined) {
    if (SCHEME.test(text)) {
      const scheme = text.slice(0, text.indexOf(':'));
      throw new LogTargetError(
        `cannot log to "${value}": ${MISSING[scheme] ?? `there is no logger "${scheme}"`}; ` +
          'there are file, fd, stdio, socket, syslog and rsyslog',
      );
    }
    return { name, kind: 'file', argument: path.resolve(workingDirectory, text) };
  }
  const argument = text.slice(kind.length + 1);
  if (argument === '' && kind !== 'stdio' && kind !== 'syslog') {
    throw new LogTargetError(`cannot log to "${value}": something must follow "${kind}:"`);
  }
  return { name, kind, argument: kind === 'file' ? path.resolve(workingDirectory, argument) : argument };
}
