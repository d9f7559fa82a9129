"""`uwsgi.connection_fd()`: a descriptor for select() and its kind, though the connection itself belongs to the vassal.

It is readable while the request has news: a WebSocket message, bytes of a body, or that its client has left. Whoever
reads the channel tells it; a thread sees to it that the channel is read while the app's own thread waits elsewhere. That
thread never waits with the lead of the channel in its hands: it could not give it back when the request is over.
"""
import os
import select
from _thread import allocate_lock, start_new_thread
from time import sleep

from emperor_worker.answer import ChannelClosed

OTHERS_READ_SECONDS = 0.001
"""How long to leave the channel alone when another thread is reading it already."""


class Readiness:
    """Of one request; made when the app asks for it."""

    def __init__(self, request):
        self._request = request
        self._lock = allocate_lock()
        self._signalled = False
        self._closed = False
        self.descriptor, self._signal = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._end, self._end_signal = os.pipe2(os.O_CLOEXEC)
        self.update()
        start_new_thread(self._read_channel, ())

    def update(self):
        """Makes the descriptor tell the truth: after news have come, and after the app has read something."""
        with self._lock:
            if self._closed or self._has_news() == self._signalled:
                return
            self._signalled = not self._signalled
            if self._signalled:
                os.write(self._signal, b'.')
            else:
                os.read(self.descriptor, 1)

    def close(self):
        """The request is over."""
        with self._lock:
            self._closed = True
            for descriptor in (self.descriptor, self._signal, self._end_signal):
                os.close(descriptor)

    def _has_news(self):
        body = self._request.input
        return self._request.aborted or (body is not None and body.has_news)

    def _read_channel(self):
        channel = self._request.channel
        poll = select.poll()
        poll.register(channel.fileno(), select.POLLIN)
        poll.register(self._end, 0)  # its hang-up is told in any case
        try:
            while all(descriptor != self._end for descriptor, _ in poll.poll()):
                if not channel.poll():
                    sleep(OTHERS_READ_SECONDS)
        except ChannelClosed:  # the threads that run requests notice it themselves
            pass
        os.close(self._end)
