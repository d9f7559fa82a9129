"""Brings what has been written to a database's write-ahead log onto the disk, once for all threads that wait for it.

SQLite would do it inside of each transaction, with the lock held that every other writer needs: then a disk that takes a
millisecond lets a thousand transactions through in a second. Here a transaction ends first, and waits for the disk then:
what others write meanwhile is on the disk with the next turn, and between processes the file system does the same.
"""
import os
from _thread import allocate_lock


class LogSync:
    """The log of one database that this process keeps open (so that nobody else removes the log)."""

    def __init__(self, database_path):
        self._path = database_path + '-wal'
        self._turn = allocate_lock()
        self._descriptor = None
        self._written = 0
        self._safe = 0

    def note_written(self):
        """A transaction has ended. Returns its number. For one thread at a time."""
        self._written += 1
        return self._written

    def wait_for(self, number):
        """Returns when that transaction is on the disk. OSError when the disk refuses it."""
        with self._turn:
            if self._safe >= number:
                return
            if self._descriptor is None:
                self._open()
            covered = self._written
            os.fdatasync(self._descriptor)
            self._safe = covered

    def _open(self):
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        directory = os.open(os.path.dirname(self._path), os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # the log may be new
        finally:
            os.close(directory)

    def close(self):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
