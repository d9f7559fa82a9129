"""A conversation over WebSocket, as a worker sees it: whole messages in, whole messages out. The vassal does the rest."""
from base64 import b64encode
from collections import deque
from hashlib import sha1

from emperor_worker import frames
from emperor_worker.body import PULL_BYTES
from emperor_worker.calls import CallError

KEY_SUFFIX = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
"""RFC 6455 section 4.2.2."""

HANDSHAKE_FAILED = 'unable to complete websocket handshake'
RECEIVE_FAILED = 'unable to receive websocket message'
SEND_FAILED = 'unable to send websocket message'


def open_websocket(request, calls, key, origin, protocol):
    """Answers the client's offer. OSError when there is none, or the connection cannot carry it."""
    environ = request.variables
    key = key or environ.get('HTTP_SEC_WEBSOCKET_KEY')
    if not key:
        raise OSError(HANDSHAKE_FAILED + ': the request has no Sec-WebSocket-Key')
    if request.body_begun or request.head is not None:
        raise OSError(HANDSHAKE_FAILED + ': the request has been answered already')
    offered = environ.get('HTTP_SEC_WEBSOCKET_PROTOCOL', '')
    origin = origin or environ.get('HTTP_ORIGIN') or '*'
    body = request.input
    request.input = websocket = WebSocket(request)  # the client may speak before we hear that it could be told
    try:
        calls.ask('websocket_handshake', request.stream, request.core, request.app_id,
                  _answer_head(key, origin, protocol or offered.split(',')[0].strip()))
    except CallError as error:
        request.input = body
        raise OSError('%s: %s' % (HANDSHAKE_FAILED, error)) from None
    websocket.pull()
    request.head = b''
    request.head_sent = request.body_begun = request.is_websocket = True


def _answer_head(key, origin, protocol):
    """In uWSGI's order. Of several protocols that the client offers, and the app does not choose from, it gets the first."""
    accept = b64encode(sha1(key.encode('latin-1') + KEY_SUFFIX).digest()).decode()
    head = ['101 Web Socket Protocol Handshake', 'Upgrade', 'WebSocket', 'Connection', 'Upgrade',
            'Sec-WebSocket-Origin', origin]
    if protocol:
        head += ['Sec-WebSocket-Protocol', protocol]
    return head + ['Sec-WebSocket-Accept', accept]


class WebSocket:
    """Takes the place of a request's body. Memory is bounded by one message plus `PULL_BYTES`."""

    takes_pieces = False

    def __init__(self, request):
        self._request = request
        self._channel = request.channel
        self._messages = deque()
        self._over = False
        self._reason = ''
        self._told = False
        # In bytes, from the beginning, and changed only by the app's thread: others may be feeding meanwhile.
        self._granted = 0
        self._taken = 0

    def feed(self, data, flags):
        """Takes a BODY frame."""
        if flags:
            self._over = True
            self._reason = data.decode()
        else:
            self._messages.append(data)

    def fail(self):
        """The client is gone."""
        self._over = True
        self._reason = self._reason or 'the client is gone'

    @property
    def has_news(self):
        """Whether `receive` returns, or raises, at once."""
        return bool(self._messages) or self._over

    def receive(self):
        """The next message. OSError when there will be none."""
        if not self._messages and not self._over:
            self._channel.wait(self._request, lambda: self.has_news)
        return self._take()

    def receive_now(self):
        """The next message if it has come, else b''. OSError when there will be none."""
        if not self._messages and not self._over:
            self._channel.poll()
        return self._take() if self.has_news else b''

    def send(self, message, flags):
        """Sends a whole message; waits while the client is behind. OSError when it is gone."""
        request = self._request
        if self._over:
            self.pull()
        if request.granted <= request.sent:
            self._channel.wait(request, lambda: self._is_deaf or request.may_send())
        if self._is_deaf:
            raise OSError(self._explain(SEND_FAILED))
        with self._channel.lock:
            request.sent += len(message)
            self._channel.add(frames.pack_frame(frames.MESSAGE, request.stream, message, flags))
        if self._channel.guard.resting:
            self._channel.guard.wake()

    @property
    def _is_deaf(self):
        """Whether the client hears nothing any more. One that has ended the conversation hears the answers to what it had said before."""
        return self._over and (self._told or bool(self._reason))

    def _explain(self, failure):
        return '%s: %s' % (failure, self._reason) if self._reason else failure

    def _take(self):
        if not self._messages:
            self._told = True
            self.pull()
            raise OSError(self._explain(RECEIVE_FAILED))
        message = self._messages.popleft()
        self._taken += len(message) + frames.MESSAGE_OVERHEAD_BYTES
        self.pull()
        self._request.update_readiness()
        return message

    def pull(self):
        """Lets the vassal send more; at the end it hears of each message that is taken."""
        wanted = PULL_BYTES - (self._granted - self._taken)
        if wanted > (0 if self._over else PULL_BYTES // 2):
            self._granted += wanted
            self._channel.add_now(frames.pack_count_frame(frames.PULL, self._request.stream, wanted))
