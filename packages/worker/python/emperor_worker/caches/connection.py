"""How a process gets at the database of a cache: one connection, one thread at a time, none through a fork."""
import os
from _thread import allocate_lock
from time import monotonic
from urllib.parse import quote

from emperor_worker import report

_BUSY_SECONDS = 1.0
"""How long a change waits for those of others. One takes some 30 microseconds."""

_COMPLAINT_SECONDS = 10
"""The most that is sent to the log about a cache that fails all the time is a line in so many seconds."""


class Connection:
    """Opened when it is first needed. What fails is told, and never raised."""

    def __init__(self, definition, forked):
        """`forked` is called in each new process."""
        import sqlite3  # inherited by the workers, and not loaded where there is no cache

        self._connect = sqlite3.connect
        self._error = sqlite3.Error
        self._definition = definition
        self._forked = forked
        self._database = None
        self._waits = True
        self._lock = allocate_lock()
        self._complained_at = -_COMPLAINT_SECONDS
        os.register_at_fork(before=self._before_fork, after_in_parent=self._lock.release, after_in_child=self._in_child)

    def _before_fork(self):
        """Nobody may be in the middle of something, and SQLite must not be carried over."""
        self._lock.acquire()
        if self._database is not None:
            self._database.close()
            self._database = None

    def _in_child(self):
        self._forked()
        self._lock.release()

    def attempt(self, what, action, otherwise, *arguments):
        """Calls `action` with the connection. `otherwise` is what is returned after a fault."""
        with self._lock:
            try:
                return action(self._database or self._open(), *arguments)
            except self._error as error:
                self._complain(what, error)
                return otherwise

    def change(self, what, action, *arguments):
        """Calls `action` in a transaction: what it does not commit is undone. False after a fault."""
        return self.attempt(what, self._transact, False, action, arguments)

    def _transact(self, database, action, arguments):
        self._begin(database)
        try:
            return action(database, *arguments)
        finally:
            if database.in_transaction:
                database.execute('ROLLBACK')

    def _begin(self, database):
        """Who has waited in vain does not wait the next time."""
        try:
            database.execute('BEGIN IMMEDIATE')
        except self._error:
            self._set_waiting(database, False)
            raise
        if not self._waits:
            self._set_waiting(database, True)

    def _set_waiting(self, database, waits):
        self._waits = waits
        database.execute('PRAGMA busy_timeout = %d' % (_BUSY_SECONDS * 1000 if waits else 0))

    def _open(self):
        url = 'file:%s?mode=rw' % quote(self._definition['path'])
        database = self._connect(url, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            synchronous = 'synchronous = ' + self._definition['synchronous']
            for pragma in (synchronous, 'temp_store = MEMORY', 'cache_size = -512'):
                database.execute('PRAGMA ' + pragma)
        except self._error:
            database.close()
            raise
        self._waits = True
        self._database = database
        return database

    def _complain(self, what, error):
        now = monotonic()
        if now - self._complained_at >= _COMPLAINT_SECONDS:
            self._complained_at = now
            report.write('[cache] could not %s in "%s": %s\n' % (what, self._definition['name'], error))
