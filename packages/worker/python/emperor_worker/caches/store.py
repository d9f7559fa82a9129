"""A cache in a database of this machine. The vassal uses the same file: `packages/cache/src/sqlite-cache.ts`."""
from time import monotonic, time

from emperor_worker import report
from emperor_worker.caches.connection import Connection
from emperor_worker.caches.room import Room, State
from emperor_worker.caches.slots import SLOTS, Slots, lane_of, version_word
from emperor_worker.caches.values import Limits, as_bytes, decode_number, encode_number

COPIED_BYTES = 4 * 1024 * 1024
LARGEST_COPY_BYTES = 256 * 1024
_COPY_BYTES = 200
"""What a copy takes beside its value, about."""

_HITS = 0
_MISSES = 1
_FULL = 2


class Store:
    """Copies of what was read answer in well under a microsecond. They hold while the version of their slot stays."""

    def __init__(self, definition, worker_id):
        self._definition = definition
        self._name = definition['name']
        self._life = definition['lifeSeconds']
        self._limits = Limits(definition)
        self._tracks_use = definition['purgesLeastUsed']
        self._slots = Slots(definition['path'] + '-slots')
        self._words = self._slots.words
        self._room = Room(definition, self._slots)
        self._worker_id = worker_id
        self._connection = Connection(definition, self._forget)
        self._forget()

    def _forget(self):
        """In a new process: what belongs to the old one."""
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
        return self._connection.attempt('read', self._select, None, key)

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
        if not self._limits.allow(key, value):
            return False
        return self._connection.change('write', self._write, key, value, expires, only_if_absent)

    def _write(self, database, key, value, expires, only_if_absent):
        found = self._find(database, key)
        if only_if_absent and found is not None and not _is_over(found[1]):
            return False
        return self._put(database, found, key, value, self._end_of(expires))

    def delete(self, key):
        """Whether there was something."""
        return self._connection.change('delete', self._erase, as_bytes(key))

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
        return self._connection.change('clear', self._empty)

    def _empty(self, database):
        self._room.empty(database, State.read(database))
        database.execute('COMMIT')
        return True

    def keys(self):
        return self._connection.attempt('list', self._list, [])

    def _list(self, database):
        rows = database.execute('SELECT key FROM items WHERE expires = 0 OR expires > ? ORDER BY id', (monotonic(),))
        return [key for key, in rows]

    def calculate(self, key, operation, expires):
        """Replaces a number by what `operation` makes of it. Whether that could be done."""
        key = as_bytes(key)
        if not self._limits.allow(key, encode_number(0)):
            return False
        return self._connection.change('calculate', self._compute, key, operation, expires)

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
        """The version is written before the change can be seen: who dies in between leaves no copy that is too old."""
        self._words[version_word(key)] = state.seq
        database.execute('UPDATE state SET seq = ?, items = ?, blocks = ?, changed = ?', (*state, int(time())))
        database.execute('COMMIT')

    def _count(self, what):
        if self._lane is None:
            self._lane = lane_of(self._worker_id())
        self._words[self._lane + what] += 1


def _is_over(expires):
    return 0 < expires <= monotonic()
