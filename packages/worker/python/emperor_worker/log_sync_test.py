"""Tests of log_sync.py."""
import os
import tempfile
import threading
import unittest
from unittest import mock

from emperor_worker.log_sync import LogSync


class LogSyncTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, 'database')
        with open(path + '-wal', 'wb'):
            self.log = LogSync(path)
        self.addCleanup(self.log.close)

    def test_what_was_written_before_a_turn_needs_no_other_one(self):
        numbers = [self.log.note_written() for _ in range(3)]
        with mock.patch('os.fdatasync') as sync:
            for number in reversed(numbers):
                self.log.wait_for(number)
            self.assertEqual(sync.call_count, 1)
            self.log.wait_for(self.log.note_written())
            self.assertEqual(sync.call_count, 2)

    def test_what_is_written_during_a_turn_waits_for_the_next_one(self):
        is_syncing, goes_on = threading.Event(), threading.Event()
        done = []

        def sync(_descriptor):
            is_syncing.set()
            goes_on.wait(10)

        def wait_for(number):
            self.log.wait_for(number)
            done.append(number)

        with mock.patch('os.fdatasync', side_effect=sync) as synced:
            first = threading.Thread(target=wait_for, args=(self.log.note_written(),))
            first.start()
            self.assertTrue(is_syncing.wait(10))
            others = [threading.Thread(target=wait_for, args=(self.log.note_written(),)) for _ in range(5)]
            for other in others:
                other.start()
            self.assertEqual(done, [])
            goes_on.set()
            for thread in [first] + others:
                thread.join(10)
        self.assertEqual(sorted(done), [1, 2, 3, 4, 5, 6])
        self.assertEqual(synced.call_count, 2)

    def test_a_turn_that_fails_makes_nothing_safe(self):
        number = self.log.note_written()
        with mock.patch('os.fdatasync', side_effect=OSError(5, 'Input/output error')):
            with self.assertRaises(OSError):
                self.log.wait_for(number)
        with mock.patch('os.fdatasync') as sync:
            self.log.wait_for(number)
            self.assertEqual(sync.call_count, 1)


if __name__ == '__main__':
    unittest.main()
