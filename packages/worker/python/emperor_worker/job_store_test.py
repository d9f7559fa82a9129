"""Tests of job_store.py and spool_files.py."""
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

from emperor_worker import spool_files
from emperor_worker.job_store import DATABASE_NAME, JobStore, Owner, StoreError, decode_vars, encode_vars


class JobStoreTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.store = JobStore(self.directory)
        self.addCleanup(self.store.close)

    def add(self, name, priority=None, due=0, body=None):
        self.store.add(name, {b'what': name.encode()}, body, priority, due)

    def test_jobs_come_by_priority_and_then_as_they_were_added(self):
        for name, priority in (('a', None), ('b', 10), ('c', 2), ('d', None)):
            self.add(name, priority)
        names = []
        job = self.store.next(1)
        while job:
            names.append(job.name)
            job = self.store.next(1, job)
        self.assertEqual(names, ['c', 'b', 'a', 'd'])
        self.assertEqual(self.store.names(), [])

    def test_a_job_waits_for_its_time(self):
        due = time.time() + 60
        self.add('later', due=due)
        self.assertIsNone(self.store.next(1))
        self.assertEqual(self.store.next_due(), due)

    def test_a_job_comes_back_with_its_attempts_counted(self):
        self.add('again')
        job = self.store.next(1)
        self.store.put_back(job.key, 0, job.attempts, 'it was unlucky')
        self.assertEqual(self.store.next(1).attempts, 2)

    def test_a_job_that_is_given_up_is_kept(self):
        self.add('hopeless')
        self.store.bury(self.store.next(1).key, 'it never works')
        self.assertIsNone(self.store.next(1))
        self.assertEqual(self.store.find('hopeless'), ({b'what': b'hopeless'}, None))

    def test_keys_values_and_bodies_are_kept_as_they_are(self):
        self.store.add('name', {b'': b'', b'\0': b'x' * 100000}, b'\xff' * 10, None, 0)
        job = self.store.next(1)
        self.assertEqual(job.vars, {b'': b'', b'\0': b'x' * 100000})
        self.assertEqual(job.body, b'\xff' * 10)
        self.assertEqual(decode_vars(encode_vars({})), {})

    def test_a_full_disk_refuses_a_job_and_harms_none(self):
        self.add('before')
        pages = self.store._execute('PRAGMA page_count').fetchone()[0]
        self.store._execute('PRAGMA max_page_count = %d' % (pages + 2))
        with self.assertRaisesRegex(StoreError, 'full'):
            self.add('large', body=b'x' * 1000000)
        self.assertEqual([name for name, _ in self.store.names()], ['before'])

    def test_a_database_that_others_hold_is_waited_for(self):
        program = ('import sqlite3, sys, time\n'
                   'c = sqlite3.connect(sys.argv[1], isolation_level=None)\n'
                   'c.execute("BEGIN IMMEDIATE")\n'
                   'print("held", flush=True)\n'
                   'sys.stdin.readline()\n'
                   'time.sleep(0.2)\n')
        path = os.path.join(self.directory, DATABASE_NAME)
        with subprocess.Popen([sys.executable, '-c', program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            holder.stdin.write(b'\n')
            holder.stdin.close()
            self.add('patient')
        self.assertEqual([name for name, _ in self.store.names()], ['patient'])

    def test_an_owner_lives_as_long_as_its_process(self):
        owner = Owner(self.store)
        program = ('import sys\n'
                   'from emperor_worker.job_store import JobStore, Owner\n'
                   'owner = Owner(JobStore(sys.argv[1]))\n'
                   'print(owner.number, flush=True)\n'
                   'sys.stdin.readline()\n')
        with subprocess.Popen([sys.executable, '-c', program, self.directory], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as other:
            number = int(other.stdout.readline())
            self.assertTrue(owner.is_alive(number))
            other.kill()
            other.wait()
            self.assertFalse(owner.is_alive(number))
        self.assertTrue(owner.is_alive(owner.number))

    def test_a_job_that_the_disk_refuses_is_an_error_and_does_not_stay(self):
        added = self.store.add('lost', {}, None, None, 0)
        with mock.patch('os.fdatasync', side_effect=OSError(5, 'Input/output error')):
            with self.assertRaisesRegex(StoreError, 'cannot be brought onto the disk: Input/output error'):
                self.store.settle(added)
        self.assertEqual(self.store.names(), [])

    def test_a_database_that_others_keep_is_an_error_in_time(self):
        with sqlite3.connect(os.path.join(self.directory, DATABASE_NAME), isolation_level=None) as holder:
            holder.execute('BEGIN IMMEDIATE')
            with mock.patch('emperor_worker.job_store.BUSY_SECONDS', 0.01), self.assertRaisesRegex(StoreError, 'locked'):
                self.add('refused')
            holder.execute('ROLLBACK')
        holder.close()
        self.add('accepted')
        self.assertEqual([name for name, _ in self.store.names()], ['accepted'])

    def test_a_clock_that_jumps_changes_when_jobs_run_and_loses_none(self):
        now = time.time()
        with mock.patch('time.time', return_value=now - 86400), mock.patch('time.time_ns', return_value=int((now - 86400) * 1e9)):
            self.add('yesterday')
            self.add('the same nanosecond')
            self.add('tomorrow', due=now + 60)
        self.add('today')
        with mock.patch('time.time', return_value=now + 86400):
            names = [self.store.next(1).name for _ in range(4)]
        self.assertEqual(names, ['yesterday', 'the same nanosecond', 'tomorrow', 'today'])

    def test_a_spooler_is_woken_by_a_new_job(self):
        self.assertFalse(self.store.bell.silence())
        self.add('news')
        self.assertTrue(self.store.bell.silence())
        self.assertFalse(self.store.bell.silence())

    def test_a_file_that_is_no_database_is_an_error_and_stays(self):
        path = os.path.join(self.directory, 'other')
        os.mkdir(path)
        with open(os.path.join(path, DATABASE_NAME), 'wb') as damaged:
            damaged.write(b'no database' * 1000)
        with self.assertRaises(sqlite3.DatabaseError):
            JobStore(path)
        self.assertEqual(os.path.getsize(os.path.join(path, DATABASE_NAME)), 11000)


class SpoolFileTest(unittest.TestCase):
    packet = struct.pack('<BHB', 17, 6, 0) + b'\1\0k\1\0v'

    def test_parse_reads_what_uwsgi_writes(self):
        self.assertEqual(spool_files.parse(self.packet + b'the body'), ({b'k': b'v'}, b'the body'))
        self.assertEqual(spool_files.parse(struct.pack('<BHB', 17, 0, 0)), ({}, b''))

    def test_parse_refuses_a_file_cut_at_any_byte(self):
        for length in range(len(self.packet)):
            with self.assertRaises(spool_files.SpoolFileError):
                spool_files.parse(self.packet[:length])

    def test_files_are_moved_into_the_store_once(self):
        with tempfile.TemporaryDirectory() as directory:
            store = JobStore(directory)
            os.mkdir(os.path.join(directory, '7'))
            for name in 'uwsgi_spoolfile_on_a', '7/uwsgi_spoolfile_on_b', 'uwsgi_spoolfile_on_a':
                with open(os.path.join(directory, name), 'wb') as spool_file:
                    spool_file.write(self.packet)
                for path, priority in spool_files.find(directory):
                    self.assertTrue(spool_files.take_over(store, path, priority))
            self.assertEqual([name for name, _ in store.names()], ['uwsgi_spoolfile_on_b', 'uwsgi_spoolfile_on_a'])
            self.assertEqual(list(spool_files.find(directory)), [])
            store.close()


if __name__ == '__main__':
    unittest.main()
