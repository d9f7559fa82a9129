"""A cache on a Redis or Valkey server. The vassal uses the same keys: `packages/cache/src/redis-cache.ts`."""
import os
import re
from _thread import allocate_lock
from time import monotonic

from emperor_worker import report
from emperor_worker.caches.resp import Connection, RedisError
from emperor_worker.caches.values import Limits, as_bytes, decode_number, encode_number

_RETRY_SECONDS = 0.5
"""A server that was lost is not asked for that long: everybody would wait for it."""

_SCAN_COUNT = 1000
_ATTEMPTS = 20
_MOST_DEBTS = 1000


class RedisCache:
    """No method raises for a fault of the server: what is asked for is not there then, and nothing is kept."""

    def __init__(self, definition):
        self._url = definition['url']
        self._name = definition['name']
        self._life = definition['lifeSeconds']
        self._math_initial = definition['mathInitial']
        self._limits = Limits(definition)
        self._connection = None
        self._lock = allocate_lock()
        self._lost_at = None
        self._debts = set()
        """Keys whose change did not reach the server, which holds what is too old. None: too many to remember."""
        release = self._lock.release
        os.register_at_fork(before=self._lock.acquire, after_in_parent=release, after_in_child=release)

    def get(self, key):
        return self._attempt(lambda server: server.ask('GET', self._keys_of(as_bytes(key))[0]), None)

    def has(self, key):
        return self._attempt(lambda server: server.ask('EXISTS', self._keys_of(as_bytes(key))[0]) == 1, False)

    def set(self, key, value, expires, only_if_absent):
        key, value = as_bytes(key), as_bytes(value)
        if not self._limits.allow(key, value):
            return False
        value_key, head_key = self._keys_of(key)
        words = ['SET', value_key, value, *self._expiry(expires)] + (['NX'] if only_if_absent else [])

        def write(server):
            if server.ask(*words) is None:
                return False
            server.ask('DEL', head_key)
            return True

        return self._change(key, write)

    def delete(self, key):
        key = as_bytes(key)
        return self._change(key, lambda server: server.ask('DEL', *self._keys_of(key)) > 0)

    def clear(self):
        return self._change(None, self._remove_all)

    def keys(self):
        prefix = self._keys_of(b'')[0]
        return self._attempt(lambda server: [key[len(prefix):] for key in self._scan(server, prefix)], [])

    def calculate(self, key, operation, expires):
        key = as_bytes(key)
        if not self._limits.allow(key, encode_number(0)):
            return False
        return self._change(key, lambda server: self._compute(server, key, operation, expires))

    def _compute(self, server, key, operation, expires):
        name, _ = self._keys_of(key)
        for _ in range(_ATTEMPTS):
            server.ask('WATCH', name)
            old = server.ask('GET', name)
            number = self._math_initial if old is None else decode_number(old)
            if number is None:
                server.ask('UNWATCH')
                return False
            life = self._expiry(expires) if old is None else ['KEEPTTL']
            words = ('SET', name, encode_number(operation(number)), *life)
            if server.ask_all(('MULTI',), words, ('EXEC',))[-1] is not None:
                return True
        return False

    def number(self, key):
        value = self.get(key)
        return (decode_number(value) if value is not None else None) or 0

    def _keys_of(self, key):
        """Of the value, and of what belongs to a page beside it."""
        name = self._name.encode()
        return name + b':' + key, name + b'\0' + key

    def _expiry(self, expires):
        seconds = expires or self._life
        return ['PX', seconds * 1000] if seconds > 0 else []

    def _scan(self, server, prefix):
        pattern = re.sub(rb'[*?\[\]\\]', rb'\\\g<0>', prefix)
        cursor = b'0'
        while True:
            cursor, found = server.ask('SCAN', cursor, 'MATCH', pattern + b'*', 'COUNT', _SCAN_COUNT)
            yield from found
            if cursor == b'0':
                return

    def _remove_all(self, server):
        for prefix in self._keys_of(b''):
            for key in self._scan(server, prefix):
                server.ask('UNLINK', key)
        return True

    def _change(self, key, action):
        """A change that does not reach the server is made good when it is back, before anything is read from it."""
        done = self._attempt(action, None)
        if done is None:
            if key is None or self._debts is None or len(self._debts) >= _MOST_DEBTS:
                self._debts = None
            else:
                self._debts.add(key)
        return done or False

    def _attempt(self, action, otherwise):
        """Calls `action` with the connection, one thread at a time."""
        with self._lock:
            try:
                return action(self._open())
            except (OSError, RedisError) as error:
                self._lose(error)
                return otherwise

    def _open(self):
        connection = self._connection
        if connection is None or connection.pid != os.getpid():
            if self._lost_at is not None and monotonic() - self._lost_at < _RETRY_SECONDS:
                raise OSError('the server is lost')
            connection = self._connection = Connection(self._url)
            if self._lost_at is not None:
                self._lost_at = None
                report.write('[cache] the server of "%s" is back\n' % self._name)
        self._pay_debts(connection)
        return connection

    def _pay_debts(self, connection):
        if self._debts is None:
            self._remove_all(connection)
        for key in list(self._debts or ()):
            connection.ask('DEL', *self._keys_of(key))
        self._debts = set()

    def _lose(self, error):
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lost_at is None:
            report.write('[cache] lost the server of "%s": %s; until it is back nothing is cached there\n'
                         % (self._name, error))
            self._lost_at = monotonic()
        elif monotonic() - self._lost_at >= _RETRY_SECONDS:
            self._lost_at = monotonic()
