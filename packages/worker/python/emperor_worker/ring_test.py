"""Tests of ring.py."""
import os
import unittest
from struct import pack_into, unpack

from emperor_worker.ring import HEADER_BYTES, RING_BYTES, make_ring

QUARTER = RING_BYTES // 4


class RingTest(unittest.TestCase):
    def setUp(self):
        self.ring = make_ring()
        if self.ring is None:
            self.skipTest('no memory of this kind here')
        self.addCleanup(os.close, self.ring.descriptor)

    def put(self, *pieces):
        place = self.ring.put(pieces, sum(map(len, pieces)))
        return unpack('<III', place) if place else None

    def take(self, count):
        pack_into('<I', self.ring._memory, 0, count)

    def read(self, start, size):
        return os.pread(self.ring.descriptor, size, HEADER_BYTES + start)

    def test_bodies_stand_one_behind_the_other(self):
        self.assertEqual(self.put(b'first'), (0, 5, 5))
        self.assertEqual(self.put(b'sec', memoryview(b'second')[3:]), (5, 6, 11))
        self.assertEqual(self.read(0, 11), b'firstsecond')

    def test_nothing_is_written_over_what_is_still_needed(self):
        for index in range(4):
            self.assertEqual(self.put(bytes([index]) * QUARTER), (index * QUARTER, QUARTER, (index + 1) * QUARTER))
        self.assertIsNone(self.put(b'more'))
        self.take(QUARTER)
        self.assertEqual(self.put(b'more')[0], 0)
        self.assertIsNone(self.put(b'x' * QUARTER))
        self.assertEqual(self.read(QUARTER, QUARTER), b'\1' * QUARTER)

    def test_a_body_stays_in_one_piece(self):
        self.put(b'a' * (RING_BYTES - 10))
        self.take(RING_BYTES - 10)
        self.assertEqual(self.put(b'b' * 20), (0, 20, RING_BYTES + 20))

    def test_counts_go_round(self):
        self.ring._put = (1 << 32) - QUARTER
        self.take(self.ring._put)
        self.assertEqual(self.put(b'x' * QUARTER), (RING_BYTES - QUARTER, QUARTER, 0))
        self.assertEqual(self.put(b'y' * QUARTER), (0, QUARTER, QUARTER))

    def test_it_cannot_be_made_smaller(self):
        with self.assertRaises(OSError):
            os.ftruncate(self.ring.descriptor, 0)


if __name__ == '__main__':
    unittest.main()
