"""The caches of the instance for Python objects: on their own, and as a cache backend of Django.

On its own:

    from uwsgicache import Cache

    prices = Cache('prices')            # the cache2 of that name; without a name the first one
    prices.set('tea', 2.5, seconds=60)
    prices.get('tea')

As Django's (the name of the class is that of the package django-uwsgi-cache, so settings that use it go on working):

    CACHES = {'default': {'BACKEND': 'uwsgicache.UWSGICache', 'LOCATION': 'prices'}}
"""
import math
import pickle

import uwsgi

_ABSENT = object()


class Cache:
    """Keeps what can be pickled. A value that is too large, or has no room, is not kept; `set` says so."""

    def __init__(self, name=''):
        self._name = name

    def get(self, key, default=None):
        data = uwsgi.cache_get(key, self._name)
        return default if data is None else pickle.loads(data)

    def set(self, key, value, seconds=0):
        """Whether it was kept. `seconds` 0 is for ever."""
        return bool(uwsgi.cache_update(key, pickle.dumps(value, pickle.HIGHEST_PROTOCOL), _whole(seconds), self._name))

    def add(self, key, value, seconds=0):
        """Like `set`, but False when there is something already."""
        return bool(uwsgi.cache_set(key, pickle.dumps(value, pickle.HIGHEST_PROTOCOL), _whole(seconds), self._name))

    def delete(self, key):
        """Whether there was something."""
        return bool(uwsgi.cache_del(key, self._name))

    def clear(self):
        return bool(uwsgi.cache_clear(self._name))

    def __contains__(self, key):
        return bool(uwsgi.cache_exists(key, self._name))


def _whole(seconds):
    """A life shorter than a second is one of a second: 0 would be for ever."""
    return math.ceil(seconds)


def _django_backend():
    from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache, InvalidCacheBackendError

    class UWSGICache(BaseCache):
        """Django's cache API; LOCATION is the name of a cache, empty for the first one."""

        def __init__(self, location, params):
            super().__init__(params)
            name = location or ''
            if name and name not in _configured_names():
                raise InvalidCacheBackendError('LOCATION is "%s", and there is no cache2 of that name: there are %s'
                                               % (name, ', '.join(sorted(_configured_names())) or 'none'))
            self._cache = Cache(name)

        def get(self, key, default=None, version=None):
            return self._cache.get(self._key(key, version), default)

        def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
            key = self._key(key, version)
            seconds = self._seconds(timeout)
            # What could not be kept must not leave an older value behind.
            if seconds is None or not self._cache.set(key, value, seconds):
                self._cache.delete(key)

        def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
            key = self._key(key, version)
            seconds = self._seconds(timeout)
            if seconds is None:
                return key not in self._cache
            return self._cache.add(key, value, seconds)

        def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
            made = self._key(key, version)
            value = self._cache.get(made, _ABSENT)
            if value is _ABSENT:
                return False
            self.set(key, value, timeout, version)
            return True

        def delete(self, key, version=None):
            return self._cache.delete(self._key(key, version))

        def has_key(self, key, version=None):
            return self._key(key, version) in self._cache

        def clear(self):
            self._cache.clear()

        def _key(self, key, version):
            key = self.make_key(key, version)
            self.validate_key(key)
            return key

        def _seconds(self, timeout):
            """0: for ever; None: over already."""
            if timeout == DEFAULT_TIMEOUT:
                timeout = self.default_timeout
            if timeout is None:
                return 0
            return timeout if timeout > 0 else None

    return UWSGICache


def _configured_names():
    written = uwsgi.opt.get('cache2', [])
    names = {'default'} if 'cache' in uwsgi.opt else set()
    for definition in written if isinstance(written, list) else [written]:
        for part in definition.decode().split(','):
            key, _, value = part.partition('=')
            if key.strip() == 'name':
                names.add(value.strip())
    return names


def __getattr__(name):
    """The class of the backend is made when Django asks for it: others need no Django."""
    if name == 'UWSGICache':
        backend = globals()[name] = _django_backend()
        return backend
    raise AttributeError('module %r has no attribute %r' % (__name__, name))
