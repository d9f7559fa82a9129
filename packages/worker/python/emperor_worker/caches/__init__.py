"""The caches of the instance, as its Python processes use them.

Those on this machine are databases that the vassal makes (`packages/cache`, which describes the files) and that all
processes read and write by themselves; those with a URL are on a Redis server. Keys and values are bytes.
"""

class Caches:
    """All caches of the instance. Settings: a list of dicts, one for each cache, the default one first; empty without any."""

    def __init__(self, settings, worker_id):
        """`worker_id` is called when a process counts something for the first time."""
        self._by_name = {}
        for definition in settings:
            self._by_name[definition['name']] = _open(definition, worker_id)
        self.default = next(iter(self._by_name.values()), None)

    def find(self, name):
        """The cache of that name, the first one for an empty name, one elsewhere for NAME@HOST:PORT; or None."""
        if not name:
            return self.default
        cache = self._by_name.get(name)
        if cache is None and '@' in name:
            from emperor_worker.caches.remote import RemoteCache

            cache = RemoteCache(*name.split('@', 1))
        return cache

    def local(self, name):
        """Like `find`, without those elsewhere."""
        return self._by_name.get(name) if name else self.default


def _open(definition, worker_id):
    if definition['url'] is not None:
        from emperor_worker.caches.redis import RedisCache

        return RedisCache(definition)
    if definition['path'] is None:
        from emperor_worker.caches.unavailable import UnavailableCache

        return UnavailableCache()
    from emperor_worker.caches.store import Store

    return Store(definition, worker_id)
