"""How much a cache holds, and who has to go for something new: `packages/cache/src/room.ts` does the same."""
from collections import namedtuple
from time import monotonic

from emperor_worker.caches.slots import SLOTS, version_word

_CANDIDATES = 32
"""Looked at together when the least recently used item is wanted."""


class State(namedtuple('State', 'seq items blocks')):
    """The numbers of the table `state`."""

    @classmethod
    def read(cls, database):
        return cls(*database.execute('SELECT seq, items, blocks FROM state').fetchone())

    def write(self, database):
        database.execute('UPDATE state SET seq = ?, items = ?, blocks = ?', self)
        return self


class Room:
    """Works within the transactions of its cache."""

    def __init__(self, definition, slots):
        self._items = definition['items'] - 1  # one of them is uWSGI's own
        self._blocks = definition['blocks'] if definition['usesSeveralBlocks'] else None
        self._purges_least_used = definition['purgesLeastUsed']
        self._clears_when_full = definition['clearsWhenFull']
        self._slots = slots

    def make(self, database, state, blocks):
        """Makes room for one more item. The state from then on, or None where there is no room to be had."""
        if self._has(state, blocks):
            return state
        state = self._remove_expired(database, state)
        if not self._has(state, blocks) and self._clears_when_full:
            state = self.empty(database, state)
        while not self._has(state, blocks):
            state = self._purge(database, state) if self._purges_least_used else None
            if state is None:
                return None
        return state

    def empty(self, database, state):
        """Removes everything."""
        self._slots.set_all_versions(state.seq + 1)
        database.execute('DELETE FROM items')
        return State(state.seq + 1, 0, 0).write(database)

    def _has(self, state, blocks):
        if state.items + 1 > self._items:
            return False
        return self._blocks is None or state.blocks + blocks <= self._blocks

    def _remove_expired(self, database, state):
        """Copies of what has expired are not used by anybody, so no version changes."""
        over = 'FROM items WHERE expires > 0 AND expires <= ?'
        now = monotonic()
        items, blocks = database.execute('SELECT COUNT(*), IFNULL(SUM(blocks), 0) ' + over, (now,)).fetchone()
        if not items:
            return state
        database.execute('DELETE ' + over, (now,))
        return State(state.seq, state.items - items, state.blocks - blocks).write(database)

    def _purge(self, database, state):
        """Removes the item that was used least recently. Uses since it was written stand in the slots."""
        words = self._slots.words
        postponed = True
        while postponed:
            postponed = False
            rows = database.execute('SELECT id, key, used, blocks FROM items ORDER BY used LIMIT %d' % _CANDIDATES)
            for item, key, used, blocks in rows.fetchall():
                word = version_word(key)
                if words[word + SLOTS] > used:
                    database.execute('UPDATE items SET used = ? WHERE id = ?', (words[word + SLOTS], item))
                    postponed = True
                    continue
                words[word] = state.seq + 1
                database.execute('DELETE FROM items WHERE id = ?', (item,))
                return State(state.seq + 1, state.items - 1, state.blocks - blocks).write(database)
        return None
