"""The stream socket between a worker and its vassal: requests in, answers out, many of each per system call.

Reading is done by whichever thread needs something (leader and followers): an idle thread waits for requests, a
running one for a request body or for permission to send more. What arrives for another thread is delivered, and that
thread is woken.

Output is collected and sent when there is nothing else to do, when it is large, or by the guard (guard.py) when an app
takes its time. `lock` orders everything that is sent.

`exposed` mirrors the vassal's mind: while it is true, more requests than there are idle threads may be on their way. It
becomes true with a request that says so, and false when the vassal has seen a RETURN.
"""
import os
from _thread import allocate_lock, start_new_thread
from _collections import deque
from select import POLLIN, poll

from emperor_worker import frames, wire_json
from emperor_worker.answer import ChannelClosed
from emperor_worker.calls import Calls
from emperor_worker.request import Request
from emperor_worker.signals import SignalTask

RECEIVE_BYTES = 65536
BODY_BYTES = 262144
"""Received at once, at most, of a body that is known to come."""
OUTPUT_BYTES = 65536
RING_OUTPUT_BYTES = 65536
"""The vassal is told when more has been put into the ring."""
SHARED_BYTES = 16384
"""Less than that is not put into the ring."""
JOIN_BYTES = 16384
"""More than that is sent from where it is instead of being joined first."""
MAX_PIECES = 512
"""The kernel takes twice as many in one call."""
MSG_DONTWAIT = 0x40


def _expect_none():
    """There is nothing to wait for: reading finds the channel closed."""


class _Waiter:
    """For a thread that waits on behalf of no request."""

    wake = None


class Channel:
    """One worker's end."""

    def __init__(self, sock, thread_count):
        self.lock = allocate_lock()
        self.pending = deque()
        self.streams = {}
        self.running = [None] * thread_count
        self.finished = 0
        self.sends = 0
        self.exposed = False
        self.return_sent = False
        self.stopping = False
        self.guard = None
        self.calls = Calls(self)
        self.open_files = set()
        self.mail = deque()
        sock.setblocking(True)  # whatever default timeout the app has set
        self._sock = sock
        self._receive = sock.recv
        waiting = poll()
        waiting.register(sock, POLLIN)
        self._await_news = waiting.poll
        self._comes_singly = True
        self._out = []
        self._out_bytes = 0
        self._ring = None
        self._ring_is_ready = False
        self._ring_bytes = 0
        self._partial = b''
        # A BODY frame of which the rest is still to come: its input, and how much that is.
        self._body = None
        self._body_left = 0
        self._reading = allocate_lock()
        self._waiting = []
        self._idle = []

    # Reading

    def take(self):
        """The next request, or None when the worker is to end. Sends what is collected before it waits."""
        pending = self.pending
        while True:
            try:
                request = pending.popleft()
            except IndexError:
                self.flush()
                self._idle.append(True)
                with self._reading:
                    self._idle.pop()
                    if not pending:
                        if self.stopping:
                            self._wake_waiting()
                            return None
                        self._read()
                self._wake_waiting()
                continue
            if self.guard.resting and (self.exposed or pending):
                self.guard.wake()
            return request

    def wait(self, waiter, is_satisfied):
        """Blocks a thread until a frame made `is_satisfied()` true. `waiter`, with an attribute `wake`, is its own."""
        self.flush()
        reading = self._reading
        while not is_satisfied():
            if not self._owes_the_lead() and reading.acquire(False):
                try:
                    if not is_satisfied():
                        self._read()
                finally:
                    reading.release()
                self._wake_waiting()
                if self.pending and self.guard.resting:
                    self.guard.wake()
            else:
                self._wait_for_reader(waiter, is_satisfied)

    def _wait_for_reader(self, waiter, is_satisfied):
        waiter.wake = waiter.wake or allocate_lock()
        waiter.wake.acquire(False)
        self._waiting.append(waiter)
        try:
            # What we wait for may have come, or the reader left, before we were in the list: then nobody wakes us.
            if (self._reading.locked() or self._owes_the_lead()) and not is_satisfied():
                waiter.wake.acquire()
        finally:
            self._waiting.remove(waiter)

    def _owes_the_lead(self):
        """Whether a request has been read that an idle thread is queueing up for: it would never get the lock from a thread in a loop."""
        return self._idle and self.pending

    def _wake_waiting(self):
        """Lets waiting threads look again: their frames may have come, or one of them must become the reader."""
        for waiter in list(self._waiting):
            if waiter.wake.locked():
                try:
                    waiter.wake.release()
                except RuntimeError:  # another thread was quicker
                    pass

    def wait_for_files(self):
        """Before the end: the vassal must have opened the files it was promised."""
        if self.open_files:
            self.wait(_Waiter(), lambda: not self.open_files)

    def poll(self):
        """Reads what has already arrived. Returns False when another thread is reading anyway."""
        if not self._reading.acquire(False):
            return False
        try:
            self._read(MSG_DONTWAIT)
        except BlockingIOError:
            pass
        finally:
            self._reading.release()
        self._wake_waiting()
        return True

    def fileno(self):
        """For who waits until something arrives, and reads it with `poll`."""
        return self._sock.fileno()

    def _read(self, receive_flags=0):
        left = self._body_left
        try:
            # Who blocks in recv(2) on a UNIX socket is also woken when the other side takes what was sent: for nothing, one switch of the
            # process more for each answer. In poll(2) it is not; where many requests come at once there is no waiting.
            if self._comes_singly and not receive_flags:
                self._await_news()
            data = self._receive(min(left, BODY_BYTES) if left else RECEIVE_BYTES, receive_flags)
        except BlockingIOError:
            raise
        except OSError:
            data = b''
        if not data:
            raise ChannelClosed
        if left:
            self._body_left = left - len(data)
            self._body.feed(data, 0)
        else:
            self._cut(data)
            self._comes_singly = len(self.pending) < 2

    def _cut(self, data):
        """Takes the frames that have arrived."""
        if self._partial:
            data = self._partial + data
        size = len(data)
        start = frames.HEADER_LENGTH
        while start <= size:
            length, kind, flags, _, stream = frames.unpack_header(data, start - frames.HEADER_LENGTH)
            end = start + length
            if end > size:
                if kind == frames.BODY and self._begin_body(stream, flags, data, start):
                    self._body_left = end - size
                    start = size + frames.HEADER_LENGTH
                break
            if kind == frames.REQUEST:
                self._add_request(Request(self, stream, flags, data, start, end))
            else:
                self._take_frame(kind, flags, stream, data, start, end)
            start = end + frames.HEADER_LENGTH
        self._partial = data[start - frames.HEADER_LENGTH:]

    def _begin_body(self, stream, flags, data, start):
        """Takes the beginning of a BODY frame, where its input takes pieces: then it needs not be put together here."""
        request = self.streams.get(stream)
        if flags or request is None or not request.input.takes_pieces:
            return False
        self._body = request.input
        self._body.feed(data[start:], 0)
        request.update_readiness()
        return True

    def _add_request(self, request):
        self.streams[request.stream] = request
        self.pending.append(request)
        if request.flags & frames.REQUEST_MORE_MAY_FOLLOW:
            self.exposed = True

    def _take_frame(self, kind, flags, stream, data, start, end):
        if kind == frames.STOP:
            self.stopping = True
        elif kind == frames.RETURN_SEEN:
            self.exposed = self.return_sent = False
        elif kind == frames.REPLY:
            self.calls.take_reply(wire_json.decode(data[start:end]))
        elif kind == frames.SIGNAL:
            self.pending.append(SignalTask(stream))
        elif kind == frames.MAIL:
            self.mail.append((flags, data[start:end]))
        elif kind == frames.RING_READY:
            self._ring_is_ready = True
        elif kind == frames.FILE_SEEN:
            self._close_file(frames.unpack_count(data, start)[0])
        else:
            request = self.streams.get(stream)
            if request is None:  # it has ended meanwhile
                return
            if kind == frames.WINDOW:
                request.granted += frames.unpack_count(data, start)[0]
            elif kind == frames.BODY:
                request.input.feed(data[start:end], flags)
                request.update_readiness()
            elif kind == frames.ABORT:
                request.abandon()
                request.update_readiness()

    def _close_file(self, descriptor):
        self.open_files.discard(descriptor)
        os.close(descriptor)

    # Writing

    def add(self, *pieces):
        """Collects the pieces of a frame. Called with `lock` held."""
        for piece in pieces:
            self._out.append(piece)
            self._out_bytes += len(piece)
        if self._out_bytes > OUTPUT_BYTES or self._ring_bytes > RING_OUTPUT_BYTES:
            self._send()

    def offer_ring(self):
        """A large answer is under way: from now on the bytes of such answers go through memory, where the vassal can use it."""
        if self._ring is not None:
            return
        from emperor_worker.ring import make_ring  # most workers never need it

        self._ring = ring = make_ring() or ()
        if ring:
            self.open_files.add(ring.descriptor)
            self.add_now(frames.pack_count_frame(frames.RING, 0, ring.descriptor))

    def put_into_ring(self, pieces, size):
        """Returns what stands for a body in its frame, b'' where it must be sent itself. Called with `lock` held."""
        if not self._ring_is_ready or size < SHARED_BYTES:
            return b''
        place = self._ring.put(pieces, size)
        if place:
            self._ring_bytes += size
        return place

    def add_now(self, frame):
        """Sends a frame, behind what was collected."""
        with self.lock:
            self._out.append(frame)
            self._out_bytes += len(frame)
            self._send()

    @property
    def has_output(self):
        """Whether something is collected."""
        return bool(self._out)

    def flush(self):
        """Sends what is collected."""
        if self._out:
            with self.lock:
                self._send()

    def _send(self):
        pieces = self._out
        size = self._out_bytes
        self._out = []
        self._out_bytes = 0
        self._ring_bytes = 0
        self.sends += 1
        try:
            if size > JOIN_BYTES and len(pieces) <= MAX_PIECES:
                sent = self._sock.sendmsg(pieces)
                if sent < size:  # a signal came
                    self._sock.sendall(memoryview(b''.join(pieces))[sent:])
            else:
                self._sock.sendall(b''.join(pieces))
        except OSError:
            raise ChannelClosed from None

    def note(self, kind, **fields):
        """Tells the vassal something that is not an answer."""
        fields['type'] = kind
        self.add_now(frames.pack_frame(frames.NOTE, 0, wire_json.encode(fields)))

    def give_back_pending(self):
        """Returns the requests that no thread has begun, for another worker. An empty list says that it is slow."""
        streams = []
        signals = []
        while self.pending:
            try:
                request = self.pending.popleft()
            except IndexError:  # a thread became free meanwhile
                break
            if not request.stream:
                signals.append(request)
                continue
            del self.streams[request.stream]
            streams.append(request.stream)
        self.pending.extend(signals)  # they were meant for this worker
        self.return_sent = True
        self.add_now(frames.pack_count_frame(frames.RETURN, 0, *streams))

    def note_from_signal(self, kind):
        """`note` for a signal handler, which must not wait for a lock that the interrupted code may hold."""
        start_new_thread(self._note_quietly, (kind,))

    def _note_quietly(self, kind):
        try:
            self.note(kind)
        except ChannelClosed:
            pass

    def forget(self):
        """In a process that the app has forked: the channel is the parent's. The child ends when it comes back."""
        self._sock.close()
        self._await_news = _expect_none  # its descriptor may soon be another file's
        self.lock = allocate_lock()
        self._reading = allocate_lock()
        self._out.clear()
        self.pending.clear()
