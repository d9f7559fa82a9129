"""Wakes the spoolers of a directory: a FIFO in it that each of them waits at.

Whoever has work for them rings: a worker, the operator's `vassal jobs`, another instance. Each ringing wakes one spooler
that waits. One that finds more to do than it can take at once rings for the next, so it does no harm that ringings are
counted together, or are lost because nobody waits.
"""
import os

FIFO_NAME = 'jobs.bell'
MODE = 0o660
READ_BYTES = 65536


class JobBell:
    """The bell of one directory, for one process. Made when there is none."""

    def __init__(self, directory):
        path = os.path.join(directory, FIFO_NAME)
        try:
            os.mkfifo(path, MODE)
        except FileExistsError:
            pass
        # For both, so that neither opening nor ringing depends on somebody at the other end.
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self):
        return self._descriptor

    def ring(self):
        """Wakes a spooler."""
        try:
            os.write(self._descriptor, b'!')
        except BlockingIOError:
            pass  # it has been rung a thousand times: they are on their way

    def silence(self):
        """Whether it was rung since the last time."""
        try:
            return bool(os.read(self._descriptor, READ_BYTES))
        except BlockingIOError:
            return False

    def close(self):
        os.close(self._descriptor)
