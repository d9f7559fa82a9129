"""Tests of guard.py, and of who asks for the guard."""
import unittest
from socket import socketpair

from emperor_worker import frames
from emperor_worker.channel import Channel
from emperor_worker.guard import Guard
from emperor_worker.request import Request

PATIENCE_SECONDS = 30


class GuardTest(unittest.TestCase):
    def setUp(self):
        self.vassal, end = socketpair()
        self.addCleanup(self.vassal.close)
        self.vassal.settimeout(PATIENCE_SECONDS)
        self.channel = Channel(end, 1)
        self.addCleanup(end.close)
        self.guard = self.channel.guard = Guard(self.channel)

    def answer(self, app):
        """Runs an app as the worker does; the guard's thread is not there."""
        frame = frames.pack_count_frame(frames.REQUEST, 1, 0)
        request = Request(self.channel, 1, 0, frame, frames.HEADER_LENGTH, len(frame))
        request.run(app, request.environ())

    def test_a_worker_that_watches_itself_says_so_before_it_rests(self):
        self.channel.exposed = True
        self.guard.start()
        self.guard.wake()
        length, kind, _, _, _ = frames.unpack_header(self.vassal.recv(65536))
        self.assertEqual((kind, length), (frames.RETURN, 0))

    def test_a_list_needs_no_guard(self):
        def app(_environ, start_response):
            start_response('200 OK', [])
            return [b'a', b'b']

        self.answer(app)
        self.assertTrue(self.guard.resting)

    def test_a_generator_is_watched(self):
        def app(_environ, start_response):
            start_response('200 OK', [])
            yield b'a'

        self.answer(app)
        self.assertFalse(self.guard.resting)


if __name__ == '__main__':
    unittest.main()
