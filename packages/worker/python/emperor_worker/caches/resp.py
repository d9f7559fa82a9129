"""The protocol of Redis and Valkey (RESP 2), as much of it as a cache needs."""
import os
import socket
from urllib.parse import unquote, urlsplit

_TIMEOUT_SECONDS = 1.0
"""An answer that takes longer than the app would is no help."""


class RedisError(Exception):
    """The server refused a command."""


class Connection:
    """One connection, for one thread at a time. OSError when it is lost: it is of no use any more then."""

    def __init__(self, url):
        parts = urlsplit(url)
        if parts.scheme == 'unix':
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(_TIMEOUT_SECONDS)
            self._socket.connect(parts.path)
            database = ''
        else:
            address = (parts.hostname or '127.0.0.1', parts.port or 6379)
            self._socket = socket.create_connection(address, _TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            database = parts.path.strip('/')
        self._input = b''
        self.pid = os.getpid()
        if parts.password is not None:
            self.ask('AUTH', *([unquote(parts.username)] if parts.username else []), unquote(parts.password))
        if database:
            self.ask('SELECT', database)

    def ask(self, *words):
        """Sends one command and returns its answer: bytes, an int, a list, or None. RedisError when it is refused."""
        answer = self.ask_all(words)[0]
        if isinstance(answer, RedisError):
            raise answer
        return answer

    def ask_all(self, *commands):
        """Sends several commands at once and returns their answers; one that was refused is a RedisError."""
        self._socket.sendall(b''.join(map(_encode, commands)))
        return [self._answer() for _ in commands]

    def close(self):
        self._socket.close()

    def _answer(self):
        line = self._line()
        kind, text = line[:1], line[1:]
        if kind == b'$':
            return None if text == b'-1' else self._take(int(text) + 2)[:-2]
        if kind == b'*':
            return None if text == b'-1' else [self._answer() for _ in range(int(text))]
        if kind == b':':
            return int(text)
        if kind == b'-':
            return RedisError(text.decode('utf-8', 'replace'))
        return text

    def _line(self):
        while b'\r\n' not in self._input:
            self._more()
        line, self._input = self._input.split(b'\r\n', 1)
        return line

    def _take(self, count):
        while len(self._input) < count:
            self._more()
        data, self._input = self._input[:count], self._input[count:]
        return data

    def _more(self):
        data = self._socket.recv(1 << 16)
        if not data:
            raise OSError('the server closed the connection')
        self._input += data


def _encode(words):
    parts = [b'*%d\r\n' % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b'$%d\r\n%s\r\n' % (len(data), data))
    return b''.join(parts)
