"""One request in a worker: PEP 3333's side of the server, and the RESPONSE frames its answer becomes."""
import os
from io import BytesIO
from time import perf_counter

from emperor_worker import frames, report
from emperor_worker.body import PulledInput
from emperor_worker.file_wrapper import FileWrapper
from emperor_worker.head import encode_head

INITIAL_WINDOW_BYTES = 262144
"""Answer bytes a worker may send before the vassal grants more; the vassal knows the same number."""

HAND_OVER_BYTES = 131072
"""A file larger than this is sent by the vassal, so that no client, however slow, holds the worker."""

EMIT_BYTES = 65536
"""A body is sent in frames of about this size when it is larger."""

MAX_U32 = 0xFFFFFFFF

SERVER_ERROR_BODY = b'Internal Server Error'
SERVER_ERROR_HEAD = b'500 Internal Server Error\0Connection\0close\0Content-Type\0text/plain'

class ChannelClosed(BaseException):
    """The vassal is gone. No `Exception`: no app may catch it by accident."""


class ClientGone(BaseException):
    """Ends an answer that nobody waits for, without a word. No `Exception`: an app must not go on."""


class Request:
    """Class attributes are the defaults, so that making a request costs little."""

    shows_exceptions = False
    """`catch-exceptions`: the client gets the traceback. The same for all requests, set once."""
    raises_write_errors = True
    """Not with `disable-write-exception`: an app that writes for nobody gets an OSError."""
    sends_head_at_once = False
    """`start_response-nodelay`."""
    asks_for_fresh_worker = None
    """`reload-on-exception`: says of an exception whether the worker is to be replaced."""
    app_id = -1
    core = 0
    head = None
    head_sent = False
    body_begun = False
    held_bytes = 0
    granted = INITIAL_WINDOW_BYTES
    sent = 0
    flags_at_end = frames.RESPONSE_END
    file = None
    switches = 0
    aborted = False
    disconnected = False
    is_websocket = False
    input = None
    readiness = None
    variables = None
    wake = None
    _log_variables = None
    began = 0.0

    def __init__(self, channel, stream, flags, data, start, end):
        self.channel = channel
        self.stream = stream
        self.flags = flags
        self.held = []
        self._data = data
        self._start = start
        self._end = end

    def environ(self):
        """The CGI variables and wsgi.input."""
        data = self._data
        start = self._start + 4
        body_start = start + frames.unpack_count(data, self._start)[0]
        parts = iter(data[start:body_start].decode('latin-1').split('\0'))
        environ = dict(zip(parts, parts))
        if self.flags & frames.REQUEST_BODY_FOLLOWS:
            self.input = environ['wsgi.input'] = PulledInput(self.channel, self)
        else:
            environ['wsgi.input'] = BytesIO(data[body_start:self._end])
        if 'HTTP_TRANSFER_ENCODING' in environ:  # chunked: frameworks read nothing when nobody vouches for the end
            environ['wsgi.input_terminated'] = True
        self._data = None
        return environ

    def run(self, app, environ):
        """Calls the app and sends what it answers. Whatever it does, the answer is complete or aborted afterwards."""
        self.began = perf_counter()
        self.variables = environ
        try:
            iterable = app(environ, self.start_response)
            try:
                self._take_items(iterable)
            finally:
                close = getattr(iterable, 'close', None)
                if close is not None:
                    self._close(close)
            if self.head is None:
                raise AssertionError('the app did not call start_response')
            self.finish()
        except ClientGone:
            self.finish_aborted()
        except ChannelClosed:
            raise
        except BaseException as error:  # sys.exit() in an app is a mistake of that request only
            self._fail(error)

    def _take_items(self, iterable):
        held = self.held
        if type(iterable) is bytes:
            iterable = (iterable,)
        elif type(iterable) is FileWrapper:
            self._take_file(iterable)
            return
        for item in iterable:
            self.switches += 1
            if not item:
                continue
            if type(item) is not bytes:
                item = _as_bytes(item)
            if self.head is None:
                raise AssertionError('the app produced a body before it called start_response')
            self.body_begun = True
            held.append(item)
            self.held_bytes += len(item)
            if self.held_bytes > EMIT_BYTES:
                self._emit_large()
            elif self.channel.guard.resting:
                self.channel.guard.wake()
            if self.aborted:
                raise self._write_error()

    def _take_file(self, wrapper):
        """A wsgi.file_wrapper: handed over when it is a file, else read in blocks. No switches are counted."""
        regular = wrapper.open_regular_file()
        if regular is not None:
            self.attach_file(*regular)
            return
        for block in wrapper:
            self.write(block)

    def attach_file(self, descriptor, offset, size):
        """The rest of the body is this file. Takes the descriptor over."""
        if self.file is not None:
            os.close(self.file[0])
        self.file = (descriptor, offset, size)

    def _close(self, close):
        try:
            close()
        except Exception as error:
            report.report(error)

    def start_response(self, status, headers, exc_info=None):
        """PEP 3333. Calling it again before any output replaces the head, as in uWSGI, also without `exc_info`."""
        if self.body_begun:
            if self.is_websocket:  # frameworks end every request with an answer: this one has had it
                return self.write
            if exc_info:
                try:
                    raise exc_info[1].with_traceback(exc_info[2])
                finally:
                    exc_info = None  # PEP 3333: no circular reference
            raise AssertionError('start_response was called again after output was sent')
        self.head = encode_head(status, headers)
        if self.sends_head_at_once:
            self._send_head()
        return self.write

    def _send_head(self):
        with self.channel.lock:
            self._add_body(b'')
        self.channel.flush()
        self.body_begun = True

    def write(self, data):
        """The callable that start_response returns."""
        if type(data) is not bytes:
            data = _as_bytes(data)
        if self.aborted:
            if self.raises_write_errors:
                raise self._write_error()
            return
        if data:
            self.body_begun = True
            self.held.append(data)
            self.held_bytes += len(data)
            if self.held_bytes > EMIT_BYTES:
                try:
                    self._emit_large()
                except ClientGone:
                    return
            elif self.channel.guard.resting:
                self.channel.guard.wake()

    @property
    def log_variables(self):
        """uwsgi.set_logvar's."""
        if self._log_variables is None:
            self._log_variables = {}
        return self._log_variables

    def read_chunk(self, waits, timeout_seconds):
        """uwsgi.chunked_read() and chunked_read_nb(): what has arrived of the body; b'' at its end, None for not yet."""
        body = self.variables['wsgi.input']
        chunk = body.read_available(waits, timeout_seconds) if isinstance(body, PulledInput) else body.read()
        if self.readiness is not None:
            self.readiness.update()
        return chunk

    def disconnect(self):
        """The answer is complete, the app goes on: what it still produces is dropped."""
        if self.head is None:
            raise ValueError('start_response has not been called')
        if self.disconnected:
            return
        self.emit_held()
        with self.channel.lock:
            self._add_body(b'', frames.RESPONSE_DISCONNECT)
        self.channel.flush()
        self.disconnected = self.body_begun = True

    def connection_descriptor(self):
        """uwsgi.connection_fd()."""
        if self.readiness is None:
            from emperor_worker.readiness import Readiness

            if isinstance(self.input, PulledInput):
                self.input.pull()
            self.readiness = Readiness(self)
        return self.readiness.descriptor

    def abandon(self):
        """The vassal says that the client is gone. Called by the reading thread."""
        self.aborted = True
        if self.input is not None:
            self.input.fail()

    # Output. `held` is what the app has produced and no frame carries yet; the guard may take it at any time.

    def finish(self):
        """Ends the answer with what is held, and the file if there is one."""
        channel = self.channel
        if self.file is not None:
            self._hold_file()
        if self.held_bytes > self.granted - self.sent:
            self._emit_large()
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
            channel.add(frames.pack_response(
                16 + len(head) + len(body), frames.RESPONSE, flags, 0, self.stream,
                len(head), self.switches, service_us, self.core, self.app_id) + head + body)

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
                body = b''.join(self.held[:count])
                del self.held[:count]
                self._add_body(body)

    def _emit_large(self):
        """Sends all that is held, in pieces, as far as the vassal permits; waits for permission."""
        with self.channel.lock:
            body = b''.join(self.held)
            self.held.clear()
            self.held_bytes = 0
        offset = 0
        view = memoryview(body)
        while offset < len(body):
            if self.granted <= self.sent:
                self.channel.wait(self, self.may_send)
            if self.aborted:
                raise self._write_error()
            size = min(self.granted - self.sent, EMIT_BYTES)
            with self.channel.lock:
                self._add_body(view[offset:offset + size])
            offset += size

    def _write_error(self):
        """What to raise when the client is gone: what uWSGI raises, unless that is turned off."""
        return OSError('write error') if self.raises_write_errors else ClientGone()

    def may_send(self):
        """Whether the vassal takes more of the answer, or none at all."""
        return self.granted > self.sent or self.aborted

    def _add_body(self, body, more_flags=0):
        """Called with the channel's lock held."""
        head, flags = (b'', 0) if self.head_sent else (self.head, frames.RESPONSE_HEAD)
        self.head_sent = True
        self.sent += len(body)
        self.held_bytes = 0
        self.channel.add(b''.join((frames.pack_response(
            16 + len(head) + len(body), frames.RESPONSE, flags | more_flags, 0, self.stream,
            len(head), self.switches, 0, self.core, self.app_id), head, body)))

    def _fail(self, error):
        """The app raised: an answer of ours when nothing of its own was produced, else the connection is cut."""
        text = report.report(error)
        judge = type(self).asks_for_fresh_worker
        if judge is not None and judge(error):
            self.channel.note('leave')
        if self.aborted:
            self.finish_aborted()
            return
        self.flags_at_end = frames.RESPONSE_END | frames.RESPONSE_FAILED
        if self.file is not None:
            os.close(self.file[0])
            self.file = None
        if self.body_begun:
            self.finish_aborted(b'the app failed in mid-body')
        else:
            self.respond_plain(SERVER_ERROR_HEAD, text.encode() if self.shows_exceptions else SERVER_ERROR_BODY)

    def respond_plain(self, head, body):
        """An answer of the server's own."""
        self.head = head
        self.held[:] = [body]
        self.finish()


def _as_bytes(item):
    if isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item)
    raise TypeError('the app produced %s in its body where bytes are needed: %.60r' % (type(item).__name__, item))
