"""Where jobs are kept: in a directory, or on a Redis. What a place is called in logs has no password in it."""
import re


def is_url(place):
    """Whether a place is a server."""
    return '://' in place


def shown(place):
    """The place for people."""
    return re.sub(r'//[^/@]*@', '//', place) if is_url(place) else place


def store_class(place):
    """The class of the stores of such a place; its `Error` is what can go wrong with one."""
    if is_url(place):
        from emperor_worker.redis_job_store import RedisJobStore

        return RedisJobStore
    from emperor_worker.job_store import JobStore

    return JobStore


def describe(place, error):
    """What is wrong with a store, with its place."""
    return str(error) if is_url(place) else '%s/jobs.sqlite: %s' % (place, error)
