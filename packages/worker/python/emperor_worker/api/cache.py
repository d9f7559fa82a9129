"""The topic cache: what all processes of the instance, and its router, share under a key."""
from operator import index

from emperor_worker.caches import Caches
from emperor_worker.caches.values import divide


def functions(state):
    caches = Caches(state.settings['services'].get('caches', ()), lambda: state.worker_id)
    find = caches.find
    default = caches.default

    def cache_get(key, cache='', /):
        found = find(cache) if cache else default
        return None if found is None else found.get(key)

    def cache_exists(key, cache='', /):
        found = find(cache)
        return found is not None and found.has(key) or None

    def cache_set(key, value, expires=0, cache='', /):
        found = find(cache)
        return found is not None and found.set(key, value, index(expires), True) or None

    def cache_update(key, value, expires=0, cache='', /):
        found = find(cache)
        return found is not None and found.set(key, value, index(expires), False) or None

    def cache_del(key, cache='', /):
        found = find(cache)
        return found is not None and found.delete(key) or None

    def cache_clear(cache='', /):
        found = find(cache)
        return found is not None and found.clear() or None

    def cache_keys(cache='', /):
        found = caches.local(cache)
        if found is None:
            raise ValueError('no local uWSGI cache available')
        return found.keys()

    def cache_num(key, cache='', /):
        found = caches.local(cache)
        return 0 if found is None else found.number(key)

    def cache_inc(key, value=1, expires=0, cache='', /):
        return _calculate(key, lambda number: number + value, expires, cache)

    def cache_dec(key, value=1, expires=0, cache='', /):
        return _calculate(key, lambda number: number - value, expires, cache)

    def cache_mul(key, value=2, expires=0, cache='', /):
        return _calculate(key, lambda number: number * value, expires, cache)

    def cache_div(key, value=2, expires=0, cache='', /):
        return _calculate(key, lambda number: divide(number, value), expires, cache)

    def _calculate(key, operation, expires, cache):
        found = caches.local(cache)
        return found is not None and found.calculate(key, operation, expires) or None

    return [cache_get, cache_exists, cache_set, cache_update, cache_del, cache_clear, cache_keys, cache_num, cache_inc,
            cache_dec, cache_mul, cache_div]
