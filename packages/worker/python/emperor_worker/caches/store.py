"""A cache in a database of this machine. The vassal uses the same file: `packages/cache/src/sqlite-cache.ts`."""
import os
from _thread import allocate_lock
from time import monotonic, time
from urllib.parse import quote

from emperor_worker import report
from emperor_worker.caches.room import Room, State
from emperor_worker.caches.slots import SLOTS, Slots, lane_of, version_word
from emperor_worker.caches.values import Limits, as_bytes, decode_number, encode_number

BUSY_SECONDS = 1.0
"""How long a change waits for those of others. One takes some 30 microseconds."""

COPIED_BYTES = 4 * 1024 * 1024
LARGEST_COPY_BYTES = 256 * 1024
_COPY_BYTES = 200
"""What a copy takes beside its value, about."""

_COMPLAINT_SECONDS = 10

_HITS = 0
_MISSES = 1
_FULL = 2


class Store:
    """Copies of what was read answer in well under a microsecond: they hold for as long as the version of their slot stays."""

    def __init__(self, definition, worker_id):
        import sqlite3

        self._error = sqlite3.Error
        self._connect = sqlite3.connect
        self._definition = definition
        self._name = definition['name']
        self._life = definition['lifeSeconds']
        self._limits = Limits(definition)
        self._tracks_use = definition['purgesLeastUsed']
        self._slots = Slots(definition['path'] + '-slots')
        self._words = self._slots.words
        self._room = Room(definition, self._slots)
        self._worker_id = worker_id
        self._database = None
        self._waits = True
        self._lock = allocate_lock()
        self._complained_at = -_COMPLAINT_SECONDS
        self._forget()
        os.register_at_fork(before=self._before_fork, after_in_parent=self._lock.release, after_in_child=self._in_child)

    # A connection must not pass through a fork, and nobody may be in the middle of something.

    def _before_fork(self):
        self._lock.acquire()
        if self._database is not None:
            self._database.close()
            self._database = None

    def _in_child(self):
        self._forget()
        self._lock.release()

    def _forget(self):
        self._copies = {}
        self._copied_bytes = 0
        self._lane = None

    def get(self, key):
        """The value, or None."""
        copy = self._copies.get(key)
        if copy is not None:
            words = self._words
            word, version, expires, value = copy
            if words[word] == version and (not expires or expires > monotonic()):
                words[self._lane] += 1
                if self._tracks_use:
                    words[word + SLOTS] = self._slots.tick()
                return value
        value = self._read(key)
        self._count(_MISSES if value is None else _HITS)
        return value

    def has(self, key):
        return self._read(key) is not None

    def _read(self, key):
        return self._attempt('read', self._select, None, key)

    def _select(self, database, key):
        raw = as_bytes(key)
        word = version_word(raw)
        version = self._words[word]
        row = database.execute(
            'SELECT value, expires, (SELECT seq FROM state) FROM items WHERE key = ?', (raw,)).fetchone()
        if row is None:
            return None
        value, expires, seq = row
        if expires and expires <= monotonic():
            return None
        # A change that is not committed yet has the higher number: what was read may be what it replaces.
        if version <= seq:
            self._keep(key, (word, version, expires, value))
        if self._tracks_use:
            self._words[word + SLOTS] = self._slots.tick()
        return value

    def _keep(self, key, copy):
        size = len(copy[3]) + len(key) + _COPY_BYTES
        if size > LARGEST_COPY_BYTES or not isinstance(key, (str, bytes)):
            return
        self._copied_bytes += size
        if self._copied_bytes > COPIED_BYTES:
            self._copies.clear()
            self._copied_bytes = size
        if self._lane is None:
            self._lane = lane_of(self._worker_id())
        self._copies[key] = copy

    def set(self, key, value, expires, only_if_absent):
        """Whether it was kept."""
        key, value = as_bytes(key), as_bytes(value)
        return self._limits.allow(key, value) and self._change('write', self._write, key, value, expires, only_if_absent)

    def _write(self, database, key, value, expires, only_if_absent):
        found = self._find(database, key)
        if only_if_absent and found is not None and not _is_over(found[1]):
            return False
        return self._put(database, found, key, value, self._end_of(expires))

    def delete(self, key):
        """Whether there was something."""
        return self._change('delete', self._erase, as_bytes(key))

    def _erase(self, database, key):
        found = self._find(database, key)
        if found is None:
            return False
        item, expires, blocks, _ = found
        database.execute('DELETE FROM items WHERE id = ?', (item,))
        state = State.read(database)
        self._commit(database, State(state.seq + 1, state.items - 1, state.blocks - blocks), key)
        return not _is_over(expires)

    def clear(self):
        return self._change('clear', self._empty)

    def _empty(self, database):
        self._room.empty(database, State.read(database))
        database.execute('COMMIT')
        return True

    def keys(self):
        return self._attempt('list', self._list, [])

    def _list(self, database):
        rows = database.execute('SELECT key FROM items WHERE expires = 0 OR expires > ? ORDER BY id', (monotonic(),))
        return [key for key, in rows]

    def calculate(self, key, operation, expires):
        """Replaces a number by what `operation` makes of it. Whether that could be done."""
        key = as_bytes(key)
        return self._limits.allow(key, encode_number(0)) and self._change('calculate', self._compute, key, operation, expires)

    def _compute(self, database, key, operation, expires):
        found = self._find(database, key)
        if found is None or _is_over(found[1]):
            number, end = self._definition['mathInitial'], self._end_of(expires)
        else:
            number, end = decode_number(found[3]), found[1]
        if number is None:
            return False
        return self._put(database, found, key, encode_number(operation(number)), end)

    def number(self, key):
        """0 for what is not there or is no number."""
        value = self.get(key)
        return (decode_number(value) if value is not None else None) or 0

    def _end_of(self, expires):
        seconds = expires or self._life
        return monotonic() + seconds if seconds > 0 else 0.0

    def _find(self, database, key):
        """(id, expires, blocks, value), or None."""
        return database.execute('SELECT id, expires, blocks, value FROM items WHERE key = ?', (key,)).fetchone()

    def _put(self, database, found, key, value, expires):
        """Writes an item in place of the one that was found. False where there is no room."""
        state = State.read(database)
        if found is not None:
            database.execute('DELETE FROM items WHERE id = ?', (found[0],))
            state = State(state.seq, state.items - 1, state.blocks - found[2])
        blocks = self._limits.blocks_of(value)
        state = self._room.make(database, state, blocks)
        if state is None:
            self._count(_FULL)
            if self._definition['complainsWhenFull']:
                report.write('*** DANGER cache "%s" is FULL !!! ***\n' % self._name)
            return False
        database.execute('INSERT INTO items (key, value, expires, used, blocks) VALUES (?, ?, ?, ?, ?)',
                         (key, value, expires, self._slots.tick(), blocks))
        self._commit(database, State(state.seq + 1, state.items + 1, state.blocks + blocks), key)
        return True

    def _commit(self, database, state, key):
        """The version is written before the change can be seen: a process that dies in between leaves no copy that is too old."""
        self._words[version_word(key)] = state.seq
        database.execute('UPDATE state SET seq = ?, items = ?, blocks = ?, changed = ?', (*state, int(time())))
        database.execute('COMMIT')

    def _count(self, what):
        if self._lane is None:
            self._lane = lane_of(self._worker_id())
        self._words[self._lane + what] += 1

    def _change(self, what, action, *arguments):
        return self._attempt(what, self._transact, False, action, arguments)

    def _transact(self, database, action, arguments):
        """What the action has not committed is undone."""
        self._begin(database)
        try:
            return action(database, *arguments)
        finally:
            if database.in_transaction:
                database.execute('ROLLBACK')

    def _begin(self, database):
        """Who has waited in vain does not wait the next time."""
        try:
            database.execute('BEGIN IMMEDIATE')
        except self._error:
            self._set_waiting(database, False)
            raise
        if not self._waits:
            self._set_waiting(database, True)

    def _set_waiting(self, database, waits):
        self._waits = waits
        database.execute('PRAGMA busy_timeout = %d' % (BUSY_SECONDS * 1000 if waits else 0))

    def _attempt(self, what, action, otherwise, *arguments):
        """Calls `action` with the connection, one thread at a time. A fault of the database is told."""
        with self._lock:
            try:
                return action(self._database or self._open(), *arguments)
            except self._error as error:
                self._complain(what, error)
                return otherwise

    def _open(self):
        url = 'file:%s?mode=rw' % quote(self._definition['path'])
        database = self._connect(url, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ('synchronous = ' + self._definition['synchronous'], 'temp_store = MEMORY', 'cache_size = -512'):
                database.execute('PRAGMA ' + pragma)
        except self._error:
            database.close()
            raise
        self._database = database
        self._waits = True
        return database

    def _complain(self, what, error):
        now = monotonic()
        if now - self._complained_at >= _COMPLAINT_SECONDS:
            self._complained_at = now
            report.write('[cache] could not %s in "%s": %s\n' % (what, self._name, error))


def _is_over(expires):
    return 0 < expires <= monotonic()
