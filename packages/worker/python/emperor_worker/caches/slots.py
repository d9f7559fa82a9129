"""The memory that all processes of a cache share: `packages/cache/src/shared-slots.ts` describes it."""
import mmap
import os
from array import array
from binascii import crc32

SLOTS = 4096
_FIRST_LANE = 16
_LANES = 64
_LANE_WORDS = 4
FIRST_VERSION = _FIRST_LANE + _LANES * _LANE_WORDS
FIRST_USE = FIRST_VERSION + SLOTS


class Slots:
    """Mapped once, by the zygote; its workers inherit it. `words` are the numbers."""

    def __init__(self, path):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            self.words = memoryview(mmap.mmap(descriptor, (FIRST_USE + SLOTS) * 8)).cast('Q')
        finally:
            os.close(descriptor)

    def set_all_versions(self, version):
        """After everything was removed."""
        self.words[FIRST_VERSION:FIRST_USE] = memoryview(array('Q', [version]) * SLOTS)

    def tick(self):
        """The next number in the order of uses."""
        self.words[0] += 1
        return self.words[0]


def version_word(key):
    """Where the version of a key stands; its last use stands `SLOTS` words behind that."""
    return FIRST_VERSION + (crc32(key) & (SLOTS - 1))


def lane_of(worker_id):
    """The first word of the lane a worker counts in."""
    return _FIRST_LANE + worker_id % _LANES * _LANE_WORDS
