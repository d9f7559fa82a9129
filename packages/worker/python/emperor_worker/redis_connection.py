"""A connection to a Redis or Valkey, with nothing to install: the protocol is a few lines (RESP2)."""
import socket
from urllib.parse import unquote, urlsplit

DEFAULT_PORT = 6379
TIMEOUT_SECONDS = 10
RECEIVE_BYTES = 65536


class RedisError(Exception):
    """The server cannot be reached, has gone, or refuses."""


class RedisConnection:
    """Opened with the first command, and again after a failure. For one thread at a time."""

    def __init__(self, url):
        """`redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` with TLS."""
        parts = urlsplit(url)
        self._uses_tls = parts.scheme == 'rediss'
        self._host = parts.hostname or '127.0.0.1'
        self._port = parts.port or DEFAULT_PORT
        self._user = unquote(parts.username or '')
        self._password = unquote(parts.password or '')
        self._database = parts.path.strip('/') or '0'
        self._sock = None
        self._buffer = b''

    def close(self):
        if self._sock is not None:
            self._sock.close()
        self._sock = None
        self._buffer = b''

    def command(self, *words):
        """The answer: bytes, int, None or a list of these. RedisError when there is none."""
        try:
            if self._sock is None:
                self._open()
            return self._ask(words)
        except (OSError, EOFError) as error:
            self.close()
            raise RedisError('%s:%d: %s' % (self._host, self._port, error)) from error

    def _open(self):
        sock = socket.create_connection((self._host, self._port), TIMEOUT_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._uses_tls:
            import ssl

            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self._host)
        self._sock = sock
        if self._password:
            self._ask(('AUTH', self._user, self._password) if self._user else ('AUTH', self._password))
        if self._database != '0':
            self._ask(('SELECT', self._database))

    def _ask(self, words):
        parts = [b'*%d\r\n' % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts += (b'$%d\r\n' % len(data), data, b'\r\n')
        self._sock.sendall(b''.join(parts))
        return self._answer()

    def _answer(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b'+':
            return rest
        if kind == b':':
            return int(rest)
        if kind == b'$':
            return None if rest == b'-1' else self._exactly(int(rest) + 2)[:-2]
        if kind == b'*':
            return None if rest == b'-1' else [self._answer() for _ in range(int(rest))]
        raise RedisError('%s:%d: %s' % (self._host, self._port, rest.decode('utf-8', 'replace')))

    def _line(self):
        while b'\r\n' not in self._buffer:
            self._receive()
        line, _, self._buffer = self._buffer.partition(b'\r\n')
        return line

    def _exactly(self, size):
        parts = [self._buffer]
        have = len(self._buffer)
        while have < size:
            data = self._sock.recv(RECEIVE_BYTES)
            if not data:
                raise EOFError('the connection was closed')
            parts.append(data)
            have += len(data)
        joined = b''.join(parts)
        self._buffer = joined[size:]
        return joined[:size]

    def _receive(self):
        data = self._sock.recv(RECEIVE_BYTES)
        if not data:
            raise EOFError('the connection was closed')
        self._buffer += data
