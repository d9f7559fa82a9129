"""The jobs of one spool directory, in SQLite: what is accepted is on the disk before anybody is told.

The columns of `jobs`:

    id        counts up: jobs of the same priority run in this order
    name      as uWSGI names its spool files; unique
    priority  lower ones first; those without one have NO_PRIORITY and come last
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
"""
import fcntl
import os
import sqlite3
import struct
import time

DATABASE_NAME = 'jobs.sqlite'
OWNERS_NAME = 'jobs.owners'
SCHEMA_VERSION = 1
NO_PRIORITY = 1 << 40
BUSY_SECONDS = 10
"""A write of another process takes milliseconds; a large body perhaps a second."""

VACUUM_PAGES = 256
"""Free pages are given back to the file system from this number on."""

_SCHEMA = '''
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    priority INTEGER NOT NULL,
    due REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    owner INTEGER,
    vars BLOB NOT NULL,
    body BLOB,
    spooled REAL NOT NULL,
    reason TEXT
);
CREATE INDEX IF NOT EXISTS jobs_by_turn ON jobs (state, priority, id);
CREATE TABLE IF NOT EXISTS owners (id INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL);
'''

_LENGTHS = struct.Struct('<II')

StoreError = sqlite3.Error
"""The disk is full, the file is damaged, or somebody keeps it locked."""


class Job:
    """A job that was claimed."""

    def __init__(self, job_id, name, attempts, packed_vars, body):
        self.id = job_id
        self.name = name
        self.attempts = attempts
        self.vars = decode_vars(packed_vars)
        self.body = body


class JobStore:
    """The database of one directory, for one process."""

    def __init__(self, directory, is_durable):
        """`is_durable`: every write waits for the disk. Without it a power failure can undo the last ones, nothing else can."""
        self.directory = directory
        self._connection = sqlite3.connect(os.path.join(directory, DATABASE_NAME), timeout=BUSY_SECONDS,
                                           isolation_level=None, check_same_thread=False)
        execute = self._connection.execute
        execute('PRAGMA auto_vacuum = INCREMENTAL')
        execute('PRAGMA journal_mode = WAL')
        execute('PRAGMA synchronous = %s' % ('FULL' if is_durable else 'NORMAL'))
        if execute('PRAGMA user_version').fetchone()[0] < SCHEMA_VERSION:
            self._connection.executescript('BEGIN IMMEDIATE;%sPRAGMA user_version = %d;COMMIT;'
                                           % (_SCHEMA, SCHEMA_VERSION))

    def close(self):
        self._connection.close()

    def add(self, name, values, body, priority, due):
        """Accepts a job. False when there is one of this name already."""
        cursor = self._connection.execute(
            'INSERT OR IGNORE INTO jobs (name, priority, due, vars, body, spooled) VALUES (?, ?, ?, ?, ?, ?)',
            (name, NO_PRIORITY if priority is None else priority, due, encode_vars(values), body, time.time()))
        return cursor.rowcount == 1

    def claim(self, owner):
        """The next job that is due, now running for `owner`; None when there is none."""
        execute = self._connection.execute
        now = time.time()
        query = ("SELECT id, name, attempts + 1, vars, body FROM jobs WHERE state = 'waiting' AND due <= ?"
                 ' ORDER BY priority, id LIMIT 1')
        if execute(query.replace('id, name, attempts + 1, vars, body', '1'), (now,)).fetchone() is None:
            return None  # without a lock that others would have to wait for
        execute('BEGIN IMMEDIATE')
        try:
            row = execute(query, (now,)).fetchone()
            if row is not None:
                execute("UPDATE jobs SET state = 'running', owner = ?, attempts = attempts + 1 WHERE id = ?",
                        (owner, row[0]))
        except BaseException:
            execute('ROLLBACK')
            raise
        execute('COMMIT')
        return None if row is None else Job(*row)

    def finish(self, job_id):
        """The job is done."""
        self._connection.execute('DELETE FROM jobs WHERE id = ?', (job_id,))

    def put_back(self, job_id, due, attempts, reason=None):
        """The job is to run again."""
        self._connection.execute(
            "UPDATE jobs SET state = 'waiting', owner = NULL, due = ?, attempts = ?, reason = ? WHERE id = ?",
            (due, attempts, reason, job_id))

    def bury(self, job_id, reason):
        """The job is given up, and kept."""
        self._connection.execute("UPDATE jobs SET state = 'dead', owner = NULL, reason = ? WHERE id = ?",
                                 (reason, job_id))

    def running(self):
        """(id, name, attempts, owner) of the jobs that run, or whose process has died."""
        return self._connection.execute("SELECT id, name, attempts, owner FROM jobs WHERE state = 'running'").fetchall()

    def next_due(self):
        """Unix time at which the next waiting job is due; None when none waits."""
        return self._connection.execute("SELECT min(due) FROM jobs WHERE state = 'waiting'").fetchone()[0]

    def names(self):
        """Names and priorities of the jobs that are not done and not given up, in their order."""
        return self._connection.execute("SELECT name, priority FROM jobs WHERE state <> 'dead' ORDER BY priority, id"
                                        ).fetchall()

    def find(self, name):
        """The keys and values of a job, and its body; None when there is no such job."""
        row = self._connection.execute('SELECT vars, body FROM jobs WHERE name = ?', (name,)).fetchone()
        return None if row is None else (decode_vars(row[0]), row[1])

    def new_owner(self):
        """A number for this process that no other one has had."""
        return self._connection.execute('INSERT INTO owners (pid) VALUES (?)', (os.getpid(),)).lastrowid

    def tidy(self):
        """Gives space back that large jobs have left. For idle moments."""
        execute = self._connection.execute
        if execute('PRAGMA freelist_count').fetchone()[0] >= VACUUM_PAGES:
            execute('PRAGMA incremental_vacuum').fetchall()
            execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()


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
