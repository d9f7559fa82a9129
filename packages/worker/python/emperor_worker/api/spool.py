"""The topic spool: jobs that a spooler runs. `spool` returns when the job is on the disk."""
import os
import time
from _thread import allocate_lock
from contextlib import contextmanager
from itertools import count
from math import isfinite
from operator import index

from emperor_worker import report
from emperor_worker.api.text import as_text
from emperor_worker.job_places import describe, open_store, shown, store_class

NO_PRIORITY = 1 << 40
"""As in job_store.py."""

ONLY_BYTES = 'spooler callable dictionary must contains only bytes'
"""uWSGI's sentence."""


def functions(state):
    desk = _Desk(state)

    def spool(*args, **kwargs):
        job = dict(args[0]) if args and isinstance(args[0], dict) else None
        if job is None and not kwargs:
            raise ValueError('The argument of spooler callable must be a dictionary')
        job = {**(job or {}), **kwargs}
        for key, value in job.items():
            if not isinstance(key, bytes) or not isinstance(value, bytes):
                raise ValueError(ONLY_BYTES)
        return desk.accept(job)

    def send_to_spooler(*args, **kwargs):
        return spool(*args, **kwargs)

    def spooler_jobs():
        return [path.encode() for directory in desk.directories for path in desk.paths(directory)]

    def spooler_get_task(path):
        found = desk.find(as_text(path))
        if found is None:
            return None
        job, body = found
        if body is not None:
            job['body'] = body
        return job

    def spooler_pids():
        return state.ask('spooler_pids')

    def spooler_pid():
        pids = spooler_pids()
        return pids[0] if pids else 0

    def set_spooler_frequency(seconds):
        state.ask('set_spooler_frequency', index(seconds))
        return True

    return [spool, send_to_spooler, spooler_jobs, spooler_get_task, spooler_pids, spooler_pid, set_spooler_frequency]


@contextmanager
def _named_problems(directory):
    try:
        yield
    except store_class(directory).Error as error:
        raise ValueError('unable to spool job: %s' % describe(directory, error)) from error


def constants(state):
    return {'spoolers': tuple(shown(place).encode() for place in state.settings['services']['spoolers']['directories'])}


class _Desk:
    """Where jobs are handed in. The databases are opened by the process that needs them, not before a fork."""

    def __init__(self, state):
        self._state = state
        self._settings = state.settings['services']['spoolers']
        self._lock = allocate_lock()
        self._numbers = count(1)
        self._stores = {}
        self._foreign_stores = []
        self._pid = 0

    @property
    def directories(self):
        return self._settings['directories']

    def accept(self, job):
        """The path of the job as uWSGI would have it. ValueError when it cannot be accepted."""
        directory = self._directory(job.get(b'spooler'))
        body = job.pop(b'body', None) or None  # an empty one is none, as in uWSGI
        priority = _number(job, b'priority', int, None)
        due = _number(job, b'at', _moment, 0)
        with self._lock:
            name = 'uwsgi_spoolfile_on_%s_%d_%d_%d_%s' % (
                self._state.settings['nodeName'], os.getpid(), next(self._numbers), int.from_bytes(os.urandom(4), 'little') >> 1,
                ('%.6f' % time.time()).replace('.', '_'))
            with _named_problems(directory):
                store = self._store(directory)
                added = store.add(name, job, body, priority, due)
        with _named_problems(directory):
            store.settle(added)
        if self._state.channel is None:
            self._forget()
        path = _path(shown(directory), name, priority)
        if not self._settings['quiet']:
            report.write('[spooler] written %d bytes to file %s\n' % (_packet_size(job, body), path))
        return path.encode()

    def paths(self, directory):
        """Of the jobs that wait or run."""
        with self._lock:
            return [_path(shown(directory), name, None if priority == NO_PRIORITY else priority)
                    for name, priority in self._store(directory).names()]

    def find(self, path):
        """The keys and values of a job and its body, by the path it was given."""
        for directory in self.directories:
            if path.startswith(shown(directory) + '/'):
                with self._lock:
                    return self._store(directory).find(os.path.basename(path))
        return None

    def _directory(self, wanted):
        if wanted is None:
            return self.directories[0]
        wanted = as_text(wanted)
        for directory in self.directories:
            if wanted in (directory, shown(directory)):
                return directory
        report.write('[uwsgi-spooler] unable to find spooler "%s"\n' % wanted)
        raise ValueError('unable to spool job: there is no spooler "%s", only %s'
                         % (wanted, ', '.join(map(shown, self.directories))))

    def _store(self, directory):
        if self._pid != os.getpid():
            self._foreign_stores.append(self._stores)  # they are the parent's: not to be touched, not even closed
            self._stores = {}
            self._pid = os.getpid()
        if directory not in self._stores:
            self._stores[directory] = open_store(directory, self._state)
        return self._stores[directory]

    def _forget(self):
        for store in self._stores.values():
            store.close()
        self._stores = {}


def _path(directory, name, priority):
    return os.path.join(directory, name) if priority is None else os.path.join(directory, str(priority), name)


def _number(job, key, kind, otherwise):
    text = job.get(key)
    if text is None:
        return otherwise
    try:
        return kind(text)
    except ValueError:
        raise ValueError('unable to spool job: %s is %r, not a number' % (as_text(key), text)) from None


def _moment(text):
    seconds = float(text)
    if not isfinite(seconds):
        raise ValueError
    return seconds


def _packet_size(job, body):
    """What uWSGI would have written."""
    return 4 + sum(4 + len(key) + len(value) for key, value in job.items()) + len(body or b'')
