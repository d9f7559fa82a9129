"""What each thread runs, in memory shared with the vassal, which reads it when this process is gone or stuck.

The file behind that memory also carries uwsgi.lock(): byte ranges locked by the kernel, which frees them when a worker
dies.
"""
import fcntl
import mmap
from _thread import allocate_lock

THREAD_WORDS = 2


class Board:
    """The whole board, mapped by the zygote and inherited by its workers."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._words = memoryview(mmap.mmap(descriptor, 0)).cast('I')
        self._thread_locks = {}

    def region(self, offset, thread_count):
        """The words of one worker, cleared: per thread the stream begun last, and 1 while it runs."""
        start = offset // self._words.itemsize
        words = self._words[start:start + THREAD_WORDS * thread_count]
        for index in range(len(words)):
            words[index] = 0
        return words

    def lock(self, number):
        """Waits until no thread of any worker holds lock `number`."""
        self._thread_locks.setdefault(number, allocate_lock()).acquire()
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, number)

    def unlock(self, number):
        """Does nothing when this process does not hold the lock."""
        lock = self._thread_locks.get(number)
        if lock is None or not lock.locked():
            return
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)
        lock.release()

    def is_locked(self, number):
        """Whether any worker holds the lock."""
        lock = self._thread_locks.get(number)
        if lock is not None and lock.locked():
            return True
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return True
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)
        return False
