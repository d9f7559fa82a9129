"""The jobs of one spool directory, in SQLite: what is accepted is on the disk before anybody is told.

The columns of `jobs`:

    priority  lower ones first; those without one have NO_PRIORITY and come last
    id        when the job came (ns since 1970): jobs of the same priority run in this order
    name      as uWSGI names its spool files
    due       not before this Unix time
    state     waiting, running or dead (given up; for the operator, see `vassal jobs`)
    attempts  starts that did not lead to an end
    owner     while running: number of the process, see `Owner`
    vars      the keys and values, see `encode_vars`
    body      NULL when the job has none
    spooled   Unix time
    reason    why the last attempt failed

A job that runs is only marked. Its process holds a lock that the kernel frees when the process dies, however it does;
then the job is somebody else's.

A job that is accepted costs one page and its share of an fsync: that is why the table has no index but its key. The next
job is found by walking from the front, where only those lie that run, that wait for their time, or that were given up.
"""
import fcntl
import os
import struct
import sys
import time
from contextlib import contextmanager

try:
    import sqlite3
except ImportError:
    sys.exit('the option spooler needs the module sqlite3, which this Python (%s) was built without' % sys.executable)

from emperor_worker.job_bell import JobBell
from emperor_worker.log_sync import LogSync

DATABASE_NAME = 'jobs.sqlite'
OWNERS_NAME = 'jobs.owners'
SCHEMA_VERSION = 1
NO_PRIORITY = 1 << 40
BUSY_SECONDS = 10
"""A write of another process takes milliseconds; a large body perhaps a second."""

FIRST_PAUSE_SECONDS = 0.0001
MAX_PAUSE_SECONDS = 0.01

VACUUM_PAGES = 256
"""Free pages are given back to the file system from this number on."""

_SCHEMA = '''
CREATE TABLE IF NOT EXISTS jobs (
    priority INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    due REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    owner INTEGER,
    vars BLOB NOT NULL,
    body BLOB,
    spooled REAL NOT NULL,
    reason TEXT,
    PRIMARY KEY (priority, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (id INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL);
'''

_LENGTHS = struct.Struct('<II')

StoreError = sqlite3.Error
"""The disk is full, the file is damaged, or somebody keeps it locked."""


class Job:
    """A job that was claimed."""

    def __init__(self, key, name, attempts, packed_vars, body):
        self.key = key
        self.name = name
        self.attempts = attempts
        self.vars = decode_vars(packed_vars)
        self.body = body


class JobStore:
    """The database of one directory, for one process. A job goes by its key: (priority, id).

    A power failure can undo the last changes, except jobs that were accepted and settled; nothing else can.
    """

    Error = StoreError

    def __init__(self, directory):
        self.directory = directory
        path = os.path.join(directory, DATABASE_NAME)
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._execute('PRAGMA auto_vacuum = INCREMENTAL')
        self._execute('PRAGMA journal_mode = WAL')
        self._execute('PRAGMA synchronous = NORMAL')
        self._log = LogSync(path)
        if self._execute('PRAGMA user_version').fetchone()[0] < SCHEMA_VERSION:
            with self._transaction():
                for statement in _SCHEMA.split(';'):
                    self._execute(statement)
                self._execute('PRAGMA user_version = %d' % SCHEMA_VERSION)
        try:
            self.bell = JobBell(directory)
        except OSError as error:
            self._connection.close()
            raise StoreError('%s: %s' % (error.filename, error.strerror)) from error

    def close(self):
        self._log.close()
        self.bell.close()
        self._connection.close()

    def add(self, name, values, body, priority, due):
        """Takes a job, which a spooler may begin at once. It is accepted when `settle` has returned for what this returns."""
        row = (NO_PRIORITY if priority is None else priority, name, due, encode_vars(values), body, time.time())
        job_id = time.time_ns()
        while True:
            try:
                self._execute('INSERT INTO jobs (id, priority, name, due, vars, body, spooled)'
                              ' VALUES (?, ?, ?, ?, ?, ?, ?)', (job_id,) + row)
                break
            except sqlite3.IntegrityError:  # another process in the same nanosecond
                job_id += 1
        self.bell.ring()
        return row[0], job_id, self._log.note_written()

    def settle(self, added):
        """The job is on the disk when this returns; StoreError when it cannot be. Any thread may wait, and several at once."""
        priority, job_id, number = added
        try:
            self._log.wait_for(number)
        except OSError as error:
            self._execute("DELETE FROM jobs WHERE priority = ? AND id = ? AND state = 'waiting'", (priority, job_id))
            raise StoreError('cannot be brought onto the disk: %s' % error.strerror) from error

    @property
    def has_more(self):
        """Whether a job is due that nobody runs."""
        return self._first_due('1') is not None

    def next(self, owner, finished=None):
        """The next job that is due, now running for `owner`; None when there is none. The job `finished` is done."""
        if finished is None and not self.has_more:
            return None  # without a lock that others would have to wait for
        with self._transaction():
            if finished is not None:
                self.finish(finished)
            row = self._first_due('priority, id, name, attempts + 1, vars, body')
            if row is not None:
                self._execute("UPDATE jobs SET state = 'running', owner = ?, attempts = attempts + 1"
                              ' WHERE priority = ? AND id = ?', (owner,) + row[:2])
        return None if row is None else Job(row[:2], *row[2:])

    def _first_due(self, columns):
        return self._execute("SELECT %s FROM jobs WHERE state = 'waiting' AND due <= ? ORDER BY priority, id LIMIT 1"
                             % columns, (time.time(),)).fetchone()

    def finish(self, job):
        """The job is done."""
        self._execute('DELETE FROM jobs WHERE priority = ? AND id = ?', job.key)

    def put_back(self, key, due, attempts, reason=None):
        """The job is to run again."""
        self._execute("UPDATE jobs SET state = 'waiting', owner = NULL, due = ?, attempts = ?, reason = ?"
                      ' WHERE priority = ? AND id = ?', (due, attempts, reason) + key)

    def bury(self, key, reason):
        """The job is given up, and kept."""
        self._execute("UPDATE jobs SET state = 'dead', owner = NULL, reason = ? WHERE priority = ? AND id = ?",
                      (reason,) + key)

    def running(self):
        """(key, name, attempts, owner) of the jobs that run, or whose process has died."""
        rows = self._execute("SELECT priority, id, name, attempts, owner FROM jobs WHERE state = 'running'").fetchall()
        return [(row[:2],) + row[2:] for row in rows]

    def next_due(self):
        """Unix time at which the next waiting job is due; None when none waits."""
        return self._execute("SELECT min(due) FROM jobs WHERE state = 'waiting'").fetchone()[0]

    def names(self):
        """Names and priorities of the jobs that are not done and not given up, in their order."""
        return self._execute("SELECT name, priority FROM jobs WHERE state <> 'dead' ORDER BY priority, id").fetchall()

    def find(self, name):
        """The keys and values of a job, and its body; None when there is no such job."""
        row = self._execute('SELECT vars, body FROM jobs WHERE name = ?', (name,)).fetchone()
        return None if row is None else (decode_vars(row[0]), row[1])

    def new_owner(self):
        """A number for this process that no other one has had."""
        return self._execute('INSERT INTO owners (pid) VALUES (?)', (os.getpid(),)).lastrowid

    def own(self):
        """Makes this process one that can run jobs."""
        return Owner(self)

    def tidy(self):
        """Gives space back that large jobs have left. For idle moments."""
        if self._execute('PRAGMA freelist_count').fetchone()[0] >= VACUUM_PAGES:
            self._execute('PRAGMA incremental_vacuum').fetchall()
            self._execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()

    @contextmanager
    def _transaction(self):
        self._execute('BEGIN IMMEDIATE')
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._execute('COMMIT')

    def _execute(self, sql, values=()):
        """Waits for others as long as a write may take; in steps far smaller than those of SQLite, whose first is a millisecond."""
        pause = FIRST_PAUSE_SECONDS
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._connection.execute(sql, values)
            except sqlite3.OperationalError as error:
                if 'locked' not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)


class Owner:
    """Proof of this process's life: a locked byte of a file, at the place of its number."""

    def __init__(self, store):
        self._file = open(os.path.join(store.directory, OWNERS_NAME), 'ab')
        self.number = store.new_owner()
        fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self.number)

    def is_alive(self, number):
        """Whether the process of that number lives."""
        if number == self.number:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False


def encode_vars(values):
    """Bytes of a dict of bytes: for each pair both lengths (u32), the key and the value."""
    parts = []
    for key, value in values.items():
        parts += (_LENGTHS.pack(len(key), len(value)), key, value)
    return b''.join(parts)


def decode_vars(packed):
    """The dict that `encode_vars` was given."""
    values = {}
    at = 0
    while at < len(packed):
        key_length, value_length = _LENGTHS.unpack_from(packed, at)
        at += _LENGTHS.size
        middle = at + key_length
        values[packed[at:middle]] = packed[middle:middle + value_length]
        at = middle + value_length
    return values
