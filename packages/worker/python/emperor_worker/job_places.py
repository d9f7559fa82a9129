"""Where jobs are kept: in a directory, or on a Redis. What a place is called in logs has no password in it."""
import re


def is_url(place):
    """Whether a place is a server."""
    return '://' in place


def shown(place):
    """The place for people."""
    return re.sub(r'//[^/@]*@', '//', place) if is_url(place) else place


def store_class(place):
    """The class of what takes the jobs of such a place; its `Error` is what can go wrong."""
    if is_url(place):
        from emperor_worker.remote_jobs import RemoteJobs

        return RemoteJobs
    from emperor_worker.job_store import JobStore

    return JobStore


def open_store(place, state):
    """What takes the jobs of this place."""
    return store_class(place)(place, state) if is_url(place) else store_class(place)(place)


def describe(place, error):
    """What is wrong with a store, with its place."""
    return str(error) if is_url(place) else '%s/jobs.sqlite: %s' % (place, error)
