"""wsgi.input of a request whose body has not arrived with its head: pulled from the vassal as the app reads."""
from _collections import deque
from io import UnsupportedOperation
from select import select

from emperor_worker import frames

PULL_BYTES = 262144
"""What may be on its way to us, or here and unread, at any time."""


class PulledInput:
    """PEP 3333's input stream. Memory is bounded by what the app asks for plus `PULL_BYTES`."""

    def __init__(self, channel, request, takes_pieces):
        self.takes_pieces = takes_pieces
        """Whether a BODY frame may be fed in pieces: not where the app may ask for the client's chunks."""
        self._channel = channel
        self._request = request
        self._chunks = deque()
        self._offset = 0
        """Where the first chunk goes on."""
        # Bytes from the beginning; changed only by the app's thread.
        self._taken = 0
        self._granted = 0
        self._ended = False
        self._broken = ''
        self._timed_out = False

    def feed(self, data, flags):
        """Takes a BODY frame."""
        if flags & frames.BODY_BROKEN:
            self._broken = data.decode()
            self._timed_out = bool(flags & frames.BODY_TIMED_OUT)
            self._ended = True
        elif flags & frames.BODY_END:
            self._ended = True
        elif data:
            self._chunks.append(data)

    def fail(self):
        """The client is gone."""
        self._broken = self._broken or 'the client is gone'
        self._ended = True

    def read(self, size=-1):
        """Up to `size` bytes, less only at the end of the body; all of it without `size`."""
        if size is None or size < 0:
            pieces = []
            while self._fill(0):
                pieces.append(self._take_chunk())
            return b''.join(pieces)
        pieces = []
        while size > 0 and self._fill(size):
            piece = self._take_chunk(size)
            size -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def read_available(self, waits, timeout_seconds):
        """What has arrived, b'' at the end. Where nothing has, it waits, or returns None."""
        if not waits and not self.has_news:
            self.pull()
            self._channel.poll()
            if not self.has_news:
                return None
        return self._take_chunk() if self._fill(0, timeout_seconds) else b''

    def readline(self, size=-1):
        """One line with its newline, cut at `size` bytes."""
        left = float('inf') if size is None or size < 0 else size
        pieces = []
        while left > 0 and self._fill(0):
            end = self._chunks[0].find(b'\n', self._offset) + 1
            piece = self._take_chunk(min(left, end - self._offset) if end else left)
            left -= len(piece)
            pieces.append(piece)
            if piece.endswith(b'\n'):
                break
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def readlines(self, hint=-1):
        """Lines, until they are `hint` bytes together or the body ends."""
        lines = []
        total = 0
        for line in self:
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                break
        return lines

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def fileno(self):
        """No descriptor has the bytes: they come over the channel of the worker."""
        raise UnsupportedOperation('wsgi.input has no descriptor')

    def close(self):
        """Nothing to do: what is not read is discarded by the vassal."""

    def _take_chunk(self, size=float('inf')):
        """Up to `size` bytes of the first chunk."""
        chunk = self._chunks[0]
        begin = self._offset
        if len(chunk) - begin <= size:
            self._chunks.popleft()
            self._offset = 0
            self._taken += len(chunk)
            if not self._ended:
                self.pull()
            return chunk[begin:] if begin else chunk
        self._offset = begin + size
        return chunk[begin:begin + size]

    def _fill(self, size, timeout_seconds=0):
        """Waits for bytes. Returns False at the end of the body; raises OSError when the client did not send it all."""
        if not self.has_news:
            self.pull()
            if timeout_seconds:
                self._wait_at_most(timeout_seconds)
            else:
                self._channel.wait(self._request, lambda: self.has_news)
        if self._chunks:
            return True
        if self._broken:
            kind = 'timeout' if self._timed_out else 'error'
            raise OSError('%s during read(%d) on wsgi.input: %s' % (kind, size, self._broken))
        return False

    def _wait_at_most(self, seconds):
        readable, _, _ = select([self._request.connection_descriptor()], [], [], seconds)
        if not readable:
            raise OSError('timeout during read(0) on wsgi.input: nothing came for %d seconds' % seconds)

    @property
    def has_news(self):
        """Whether a read returns, or raises, at once."""
        return bool(self._chunks) or self._ended

    def pull(self):
        """Lets the vassal send more."""
        wanted = PULL_BYTES - (self._granted - self._taken)
        if wanted > PULL_BYTES // 2:
            self._granted += wanted
            self._channel.add_now(frames.pack_count_frame(frames.PULL, self._request.stream, wanted))
