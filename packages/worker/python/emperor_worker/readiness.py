"""`uwsgi.connection_fd()`: a descriptor for select() and its kind, though the connection itself belongs to the vassal.

It is readable while the request has news: a WebSocket message, bytes of a body, or that its client has left. A thread
reads the channel meanwhile, since the app's own waits elsewhere.
"""
import os
from _thread import allocate_lock, start_new_thread

from emperor_worker.answer import ChannelClosed


class Readiness:
    """Of one request; made when the app asks for it."""

    wake = None
    """For Channel.wait."""

    def __init__(self, request):
        self._request = request
        self._closed = False
        self._lock = allocate_lock()
        self._signalled = False
        self._taken = allocate_lock()
        self._taken.acquire()
        self.descriptor, self._signal = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        start_new_thread(self._watch, ())

    def update(self):
        """To be called after the app has read something."""
        with self._lock:
            if self._signalled and not self._has_news():
                os.read(self.descriptor, 1)
                self._signalled = False
                self._taken.release()

    def close(self):
        """The request is over. The thread leaves when something arrives for anybody."""
        with self._lock:
            self._closed = True
            os.close(self.descriptor)
            if self._signalled:
                self._taken.release()

    def _has_news(self):
        body = self._request.input
        return self._request.aborted or (body is not None and body.has_news)

    def _watch(self):
        try:
            while True:
                self._request.channel.wait(self, lambda: self._closed or self._has_news())
                if self._closed:
                    break
                with self._lock:
                    if not self._has_news():  # the app was quicker
                        continue
                    os.write(self._signal, b'.')
                    self._signalled = True
                self._taken.acquire()
        except (ChannelClosed, OSError):  # the worker ends, or the request just did
            pass
        os.close(self._signal)
