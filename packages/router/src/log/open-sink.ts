import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { type DatagramAddress, DatagramSink, parseDatagramAddress } from './datagram-sink.ts';
import { type FileOwner, FileSink, type FileSinkOptions } from './file-sink.ts';
import { InheritedSink } from './inherited-sink.ts';
import { type LogTarget, LogTargetError } from './log-target.ts';
import type { LogSink } from './log-sink.ts';
import { facilityPriority, packets, syslogFrame } from './syslog.ts';

export const STDOUT = 1;
export const STDERR = 2;

const LOCAL_SYSLOG: DatagramAddress = { kind: 'unix', path: '/dev/log' };
const REMOTE_SYSLOG_PORT = 514;
/** daemon.notice, and daemon.info for the machine's own: what uWSGI sends. */
const REMOTE_PRIORITY = 29;
const LOCAL_PRIORITY = 30;
/** RFC 3164's limit of a message. */
const PACKET_BYTES = 1024;
const LINE_BREAK = Buffer.from('\n');

/** Options of log files, by their uWSGI names. */
export interface LogFileOptions {
  readonly 'log-maxsize'?: number;
  readonly 'log-backupname'?: string | undefined;
  /** Permission bits. */
  readonly 'logfile-chmod'?: number | undefined;
  readonly 'logfile-chown'?: boolean;
}

/** Options of the targets, by their uWSGI names. */
export interface LogTargetOptions extends LogFileOptions {
  /** Bytes that a message to a remote syslog may have; the rest of a longer line is cut off, */
  readonly 'rsyslog-packet-size'?: number;
  /** or sent in messages of its own. */
  readonly 'rsyslog-split-messages'?: boolean;
}

/** Where targets are opened, and for whom. */
export interface LogPlace {
  /** Relative names count from here. */
  readonly workingDirectory: string;
  /** Whom log files are given to where `logfile-chown` is set: who the process is going to be. */
  readonly owner?: FileOwner | undefined;
  /** A file is emptied first. */
  readonly truncate: boolean;
}

/**
 * Opens what a target names.
 * @param notices gets a sentence about a directory that was made
 * @throws {LogTargetError} in one sentence
 */
export function openSink(
  { kind, argument }: LogTarget,
  options: LogTargetOptions,
  place: LogPlace,
  notices: string[],
): LogSink {
  const name = `${kind}:${argument}`;
  try {
    switch (kind) {
      case 'file':
        return openFile(argument, options, place, notices);
      case 'stdio':
        return new InheritedSink(STDOUT, 'stdout');
      case 'fd':
        return new InheritedSink(Number(argument), Number(argument) === STDERR ? 'stderr' : `fd ${argument}`);
      case 'socket':
        return new DatagramSink(name, parseDatagramAddress(argument, place.workingDirectory), (line) => [
          Buffer.concat([line, LINE_BREAK]),
        ]);
      case 'syslog':
        return openLocalSyslog(name, argument);
      case 'rsyslog':
        return openRemoteSyslog(name, argument, options, place.workingDirectory);
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (error instanceof LogTargetError) throw error;
    const what = kind === 'file' ? `open the log file ${argument}` : `log to ${name}`;
    throw new LogTargetError(`cannot ${what}: ${(error as Error).message}`, { cause: error });
  }
}

function openFile(file: string, options: LogFileOptions, { owner, truncate }: LogPlace, notices: string[]): LogSink {
  const directory = path.dirname(file);
  const isMissing = !existsSync(directory);
  const sink = new FileSink(file, {
    ...fileOptions(options),
    truncate,
    owner: options['logfile-chown'] === true ? owner : undefined,
  });
  if (isMissing) notices.push(`created the directory ${directory} for the log ${path.basename(file)}`);
  return sink;
}

function fileOptions(options: LogFileOptions): FileSinkOptions {
  const mode = options['logfile-chmod'];
  return {
    ...(mode === undefined ? {} : { mode }),
    maxSizeBytes: options['log-maxsize'] ?? 0,
    backupName: options['log-backupname'],
  };
}

/** `syslog[:ident[,facility]]` */
function openLocalSyslog(name: string, argument: string): LogSink {
  const [ident = '', facility] = argument.split(',');
  const priority = facility === undefined ? LOCAL_PRIORITY : facilityPriority(facility);
  if (priority === undefined) {
    throw new LogTargetError(`cannot log to "${name}": there is no syslog facility "${facility}"`);
  }
  const frame = syslogFrame(priority, ident || 'uwsgi');
  return new DatagramSink(name, LOCAL_SYSLOG, (line) => [Buffer.concat([frame(line), LINE_BREAK])]);
}

/** `rsyslog:host[:port][,ident[,priority]]` */
function openRemoteSyslog(
  name: string,
  argument: string,
  options: LogTargetOptions,
  workingDirectory: string,
): LogSink {
  const [target = '', ident = '', priority = String(REMOTE_PRIORITY)] = argument.split(',');
  if (!/^\d{1,3}$/.test(priority)) {
    throw new LogTargetError(`cannot log to "${name}": the priority "${priority}" is not a number`);
  }
  const address = parseDatagramAddress(target, workingDirectory);
  const remote: DatagramAddress =
    address.kind === 'udp' || target.includes('/') ? address : { kind: 'udp', host: target, port: REMOTE_SYSLOG_PORT };
  const frame = syslogFrame(Number(priority), ident || 'uwsgi');
  const size = options['rsyslog-packet-size'] ?? PACKET_BYTES;
  return new DatagramSink(name, remote, packets(frame, size, options['rsyslog-split-messages'] === true));
}
