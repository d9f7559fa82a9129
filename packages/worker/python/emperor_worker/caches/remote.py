"""A cache of another uWSGI or vassal, `NAME@HOST:PORT`, over the uwsgi protocol (modifier1 111, modifier2 17)."""
import socket
import struct

from emperor_worker.caches.values import as_bytes

_HEADER = struct.Struct('<BHB')
_MODIFIER1 = 111
_MODIFIER2 = 17
_LENGTH = struct.Struct('<H')
_TIMEOUT_SECONDS = 4
"""uWSGI's socket-timeout."""


class RemoteCache:
    """One connection for each question. A server that cannot be reached has nothing and keeps nothing, as in uWSGI."""

    def __init__(self, name, address):
        self._name = name
        self._address = address

    def get(self, key):
        answer = self._ask('get', key)
        return None if answer is None else answer[1]

    def has(self, key):
        return self._ask('exists', key) is not None

    def set(self, key, value, expires, only_if_absent):
        value = as_bytes(value)
        words = [(b'size', b'%d' % len(value))] + ([(b'expires', b'%d' % expires)] if expires else [])
        return self._ask('set' if only_if_absent else 'update', key, words, value) is not None

    def delete(self, key):
        return self._ask('del', key) is not None

    def clear(self):
        return self._ask('clear', '') is not None

    def _ask(self, command, key, words=(), body=b''):
        """(variables, value) of a good answer, or None."""
        block = _pack([(b'cmd', command.encode()), (b'key', as_bytes(key)), *words, (b'cache', self._name.encode())])
        try:
            with self._connect() as connection:
                connection.sendall(_HEADER.pack(_MODIFIER1, len(block), _MODIFIER2) + block + body)
                _, size, _ = _HEADER.unpack(_receive(connection, _HEADER.size))
                variables = _unpack(_receive(connection, size))
                value = _receive(connection, int(variables.get(b'size', 0)))
        except (OSError, ValueError, struct.error):
            return None
        return (variables, value) if variables.get(b'status') == b'ok' else None

    def _connect(self):
        host, colon, port = self._address.rpartition(':')
        if colon and port.isdigit():
            return socket.create_connection((host or '127.0.0.1', int(port)), _TIMEOUT_SECONDS)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_TIMEOUT_SECONDS)
        connection.connect(self._address)
        return connection


def _pack(pairs):
    return b''.join(_LENGTH.pack(len(part)) + part for pair in pairs for part in pair)


def _unpack(block):
    parts = []
    while block:
        end = _LENGTH.size + _LENGTH.unpack_from(block)[0]
        parts.append(block[_LENGTH.size:end])
        block = block[end:]
    return dict(zip(parts[::2], parts[1::2]))


def _receive(connection, count):
    """Exactly so many bytes. OSError when there are not."""
    data = b''
    while len(data) < count:
        chunk = connection.recv(min(count - len(data), 1 << 20))
        if not chunk:
            raise OSError('the other side closed the connection')
        data += chunk
    return data
