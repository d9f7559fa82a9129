"""One request in a worker: PEP 3333's side of the server."""
import os
from io import BytesIO
from time import perf_counter

from emperor_worker import frames, report
from emperor_worker.answer import SERVER_ERROR_BODY, Answer, ChannelClosed, ClientGone
from emperor_worker.body import PulledInput
from emperor_worker.file_wrapper import FileWrapper
from emperor_worker.head import encode_head

READY_TYPES = frozenset((list, tuple))
"""What has all its items: no code of the app runs between the first one and the last."""


class Request(Answer):
    """A request and its answer."""

    shows_exceptions = False
    """`catch-exceptions`: the client gets the traceback. The same for all requests, set once."""
    sends_head_at_once = False
    """`start_response-nodelay`."""
    asks_for_fresh_worker = None
    """`reload-on-exception`: says of an exception whether the worker is to be replaced."""
    is_websocket = False
    input = None
    readiness = None
    variables = None
    _log_variables = None

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
        is_chunked = 'HTTP_TRANSFER_ENCODING' in environ
        if self.flags & frames.REQUEST_BODY_FOLLOWS:
            self.input = environ['wsgi.input'] = PulledInput(self.channel, self, not is_chunked)
        else:
            environ['wsgi.input'] = BytesIO(data[body_start:self._end])
        if is_chunked:  # frameworks read nothing when nobody vouches for the end
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
        if type(iterable) is bytes:  # allowed, and meant as one item: no switches are counted
            self._require_head()
            self.write(iterable)
            return
        if type(iterable) is FileWrapper:
            self._require_head()
            self._take_file(iterable)
            return
        is_ready = type(iterable) in READY_TYPES
        for item in iterable:
            self.switches += 1
            if not item:
                continue
            if type(item) is not bytes:
                item = _as_bytes(item)
            if self.head is None:
                self._require_head()
            self.body_begun = True
            held.append(item)
            self.held_bytes += len(item)
            if self.held_bytes >= self.emit_bytes:
                self.emit_large()
            elif not is_ready and self.channel.guard.resting:
                self.channel.guard.wake()
            if self.aborted:
                raise self.write_error()

    def _require_head(self):
        if self.head is None:
            raise AssertionError('the app produced a body before it called start_response')

    def _take_file(self, wrapper):
        """A wsgi.file_wrapper: handed over when it is a file, else read in blocks. No switches are counted."""
        regular = wrapper.open_regular_file()
        if regular is not None:
            self.attach_file(*regular)
            return
        for block in wrapper:
            self.write(block)

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
            self.send_head()
        return self.write

    def write(self, data):
        """The callable that start_response returns."""
        if type(data) is not bytes:
            data = _as_bytes(data)
        if self.aborted:
            if self.raises_write_errors:
                raise self.write_error()
            return
        if data:
            self.body_begun = True
            self.held.append(data)
            self.held_bytes += len(data)
            if self.held_bytes >= self.emit_bytes:
                try:
                    self.emit_large()
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
        self.update_readiness()
        return chunk

    def update_readiness(self):
        """After news have come, and after the app has read some."""
        if self.readiness is not None:
            self.readiness.update()

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
            self.respond_error(text.encode() if self.shows_exceptions else SERVER_ERROR_BODY)

def _as_bytes(item):
    if isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item)
    raise TypeError('the app produced %s in its body where bytes are needed: %.60r' % (type(item).__name__, item))
