"""Tests of channel.py."""
import unittest
from socket import socketpair

from emperor_worker import frames
from emperor_worker.answer import ChannelClosed
from emperor_worker.channel import Channel
from emperor_worker.guard import Guard


class ChannelTest(unittest.TestCase):
    def setUp(self):
        self.vassal, end = socketpair()
        self.addCleanup(self.vassal.close)
        self.channel = Channel(end, 1)
        self.addCleanup(end.close)
        self.channel.guard = Guard(self.channel)
        self.waits = 0
        await_news = self.channel._await_news

        def count_and_await():
            self.waits += 1
            return await_news()

        self.channel._await_news = count_and_await

    def send(self, *streams):
        self.vassal.sendall(b''.join(frames.pack_count_frame(frames.REQUEST, stream, 0) for stream in streams))

    def take(self):
        return self.channel.take().stream

    def test_a_single_request_is_waited_for_without_being_woken_for_less(self):
        for stream in (1, 2):
            self.send(stream)
            self.assertEqual(self.take(), stream)
        self.assertEqual(self.waits, 2)

    def test_where_requests_come_together_reading_is_all_the_waiting(self):
        self.send(1, 2)
        self.assertEqual([self.take(), self.take()], [1, 2])
        self.assertEqual(self.waits, 1)
        self.send(3)
        self.assertEqual(self.take(), 3)
        self.assertEqual(self.waits, 1)

    def test_a_forked_child_does_not_wait_for_what_has_its_descriptor_now(self):
        self.channel.forget()
        with self.assertRaises(ChannelClosed):
            self.channel.take()
        self.assertEqual(self.waits, 0)


if __name__ == '__main__':
    unittest.main()
