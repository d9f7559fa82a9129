"""Memory shared with the vassal, for the bytes of large answers: it sends them from where they are.

Described in packages/worker/src/answer-ring.ts. Made when a worker sends its first answer that exceeds the vassal's
window: most never do.
"""
import fcntl
import mmap
import os
from struct import Struct

from emperor_worker import frames

HEADER_BYTES = 4096
RING_BYTES = 1048576
"""The vassal knows both numbers."""
MODULUS = 1 << 32

_TAKEN = Struct('<I')


class Ring:
    """Used by one thread at a time, under the lock of the channel."""

    def __init__(self):
        """Raises OSError or AttributeError where there is no such memory."""
        self.descriptor = os.memfd_create('answers', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, HEADER_BYTES + RING_BYTES)
        # The vassal reads there: it would not survive if we took it away.
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        self._memory = mmap.mmap(self.descriptor, HEADER_BYTES + RING_BYTES)
        self._put = 0

    def put(self, pieces, size):
        """Returns what names the place of a body in its frame, b'' where there is no room."""
        begin = self._put
        start = begin % RING_BYTES
        if start + size > RING_BYTES:  # it stays in one piece: what is left behind it is skipped
            begin += RING_BYTES - start
            start = 0
        memory = self._memory
        end = begin + size
        if (end - _TAKEN.unpack_from(memory)[0]) % MODULUS > RING_BYTES:
            return b''
        at = HEADER_BYTES + start
        for piece in pieces:
            memory[at:at + len(piece)] = piece
            at += len(piece)
        self._put = end % MODULUS
        return frames.pack_ring_part(start, size, self._put)


def make_ring():
    """A ring, or None where there is no memory of this kind."""
    try:
        return Ring()
    except (AttributeError, OSError):
        return None
