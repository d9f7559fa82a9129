"""The way of an answer to the vassal: what the app has produced, as RESPONSE frames."""
import os
from time import perf_counter

from emperor_worker import frames

INITIAL_WINDOW_BYTES = 262144
"""Answer bytes a worker may send before the vassal grants more; the vassal knows the same number."""

HAND_OVER_BYTES = 131072
"""A file larger than this is sent by the vassal, so that no client, however slow, holds the worker."""

COPY_BYTES = 2048
"""Up to this size a body is joined with what goes before it."""

EMIT_BYTES = 65536
"""A body is sent in frames of about this size when it is larger."""

BULK_BYTES = 131072
"""The same once an answer has turned out to be large."""

MAX_U32 = 0xFFFFFFFF

SERVER_ERROR_BODY = b'Internal Server Error'
SERVER_ERROR_HEAD = b'500 Internal Server Error\0Connection\0close\0Content-Type\0text/plain'


class ChannelClosed(BaseException):
    """The vassal is gone. No `Exception`: no app may catch it by accident."""


class ClientGone(BaseException):
    """Ends an answer that nobody waits for, without a word. No `Exception`: an app must not go on."""


class Answer:
    """One answer. Class attributes are the defaults, so that making one costs little.

    Whoever derives from it sets `channel`, `stream` and the list `held`: what the app has produced and no frame carries
    yet; the guard may take it at any time.
    """

    raises_write_errors = True
    """Not with `disable-write-exception`: an app that writes for nobody gets an OSError. The same for all, set once."""
    app_id = -1
    core = 0
    head = None
    head_sent = False
    body_begun = False
    held_bytes = 0
    emit_bytes = EMIT_BYTES
    granted = INITIAL_WINDOW_BYTES
    sent = 0
    flags_at_end = frames.RESPONSE_END
    file = None
    switches = 0
    aborted = False
    disconnected = False
    wake = None
    """For Channel.wait."""
    began = 0.0

    def finish(self):
        """Ends the answer with what is held, and the file if there is one."""
        channel = self.channel
        if self.file is not None:
            self._hold_file()
        if self.held_bytes > self.granted - self.sent:
            self.emit_large()
        service_us = min(int((perf_counter() - self.began) * 1000000), MAX_U32) if self.began else 0
        with channel.lock:
            if self.head_sent:
                flags = self.flags_at_end
                head = b''
            else:
                flags = self.flags_at_end | frames.RESPONSE_HEAD
                head = self.head
            held = self.held
            body = held[0] if len(held) == 1 else b''.join(held)
            prefix = frames.pack_response(
                16 + len(head) + len(body), frames.RESPONSE, flags, 0, self.stream,
                len(head), self.switches, service_us, self.core, self.app_id) + head
            if len(body) > COPY_BYTES:
                channel.add(prefix, body)
            else:
                channel.add(prefix + body)

    def _hold_file(self):
        descriptor, offset, size = self.file
        if size <= HAND_OVER_BYTES:
            try:
                self.held.append(os.pread(descriptor, size, offset))
            finally:
                os.close(descriptor)
            self.held_bytes += size
            self.flags_at_end |= frames.RESPONSE_FROM_FILE
            return
        self.emit_held()
        self.held.append(frames.pack_file_body(descriptor, offset, size))
        self.channel.open_files.add(descriptor)
        self.flags_at_end |= frames.RESPONSE_FILE

    def finish_aborted(self, reason=b''):
        """Ends the answer where it is. What is held is dropped when the client is gone."""
        if not self.aborted:
            self.emit_held()
        with self.channel.lock:
            self.channel.add(frames.pack_frame(frames.ABORT, self.stream, reason))

    def emit_held(self):
        """Makes a frame of what is held. Also called by the guard."""
        channel = self.channel
        with channel.lock:
            count = len(self.held)
            if count:
                pieces = self.held[:count]
                del self.held[:count]
                self._add_body(pieces, sum(map(len, pieces)))

    def emit_large(self):
        """Sends all that is held, in pieces, as far as the vassal permits; waits for permission."""
        with self.channel.lock:
            pieces = self.held[:]
            left = self.held_bytes
            self.held.clear()
            self.held_bytes = 0
        while left:
            if self.granted <= self.sent:
                self.emit_bytes = BULK_BYTES
                self.channel.offer_ring()
                self.channel.wait(self, self.may_send)
            if self.aborted:
                raise self.write_error()
            size = min(self.granted - self.sent, self.emit_bytes, left)
            with self.channel.lock:
                self._add_body(_take(pieces, size), size)
            left -= size

    def write_error(self):
        """What to raise when the client is gone: what uWSGI raises, unless that is turned off."""
        return OSError('write error') if self.raises_write_errors else ClientGone()

    def may_send(self):
        """Whether the vassal takes more of the answer, or none at all."""
        return self.granted > self.sent or self.aborted

    def _add_body(self, pieces, size, more_flags=0):
        """A frame of pieces that are `size` bytes together. Called with the channel's lock held."""
        head, flags = (b'', 0) if self.head_sent else (self.head, frames.RESPONSE_HEAD)
        self.head_sent = True
        self.sent += size
        self.held_bytes = 0
        place = self.channel.put_into_ring(pieces, size)
        if place:
            pieces = (place,)
            size = len(place)
            flags |= frames.RESPONSE_IN_RING
        self.channel.add(frames.pack_response(
            16 + len(head) + size, frames.RESPONSE, flags | more_flags, 0, self.stream,
            len(head), self.switches, 0, self.core, self.app_id) + head, *pieces)

    def attach_file(self, descriptor, offset, size):
        """The rest of the body is this file. Takes the descriptor over."""
        if self.file is not None:
            os.close(self.file[0])
        self.file = (descriptor, offset, size)

    def disconnect(self):
        """The answer is complete, the app goes on: what it still produces is dropped."""
        if self.head is None:
            raise ValueError('start_response has not been called')
        if self.disconnected:
            return
        self.emit_held()
        with self.channel.lock:
            self._add_body((), 0, frames.RESPONSE_DISCONNECT)
        self.channel.flush()
        self.disconnected = self.body_begun = True

    def send_head(self):
        """Sends the head without waiting for a body."""
        with self.channel.lock:
            self._add_body((), 0)
        self.channel.flush()
        self.body_begun = True

    def respond_error(self, body=SERVER_ERROR_BODY):
        """An answer of the server's own, where the app has produced none."""
        self.head = SERVER_ERROR_HEAD
        self.held[:] = [body]
        self.finish()


def _take(pieces, size):
    """Removes `size` bytes from the front of a list of pieces. Returns them, in pieces."""
    taken = 0
    count = 0
    while taken < size:
        taken += len(pieces[count])
        count += 1
    front = pieces[:count]
    rest = taken - size
    if rest:
        last = memoryview(front[-1])
        front[-1] = last[:-rest]
        pieces[:count] = [last[-rest:]]
    else:
        del pieces[:count]
    return front
