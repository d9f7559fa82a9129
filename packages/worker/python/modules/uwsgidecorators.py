"""Decorators on top of the module `uwsgi`, importable in apps as with uWSGI."""
from functools import wraps
from threading import Thread

import uwsgi

postfork_chain = []


def _run_postfork_chain():
    for function in postfork_chain:
        function()


uwsgi.post_fork_hook = _run_postfork_chain


class postfork:
    """Runs the function in every worker, right after it was forked."""

    def __init__(self, function):
        self._function = function
        postfork_chain.append(function)

    def __call__(self, *args, **kwargs):
        return self._function(*args, **kwargs)


class thread:
    """Every call of the function runs in a thread of its own."""

    def __init__(self, function):
        self._function = function

    def __call__(self, *args, **kwargs):
        started = Thread(target=self._function, args=args, kwargs=kwargs, daemon=True)
        started.start()
        return self._function


def lock(function):
    """Only one worker at a time runs the function."""
    @wraps(function)
    def locked(*args, **kwargs):
        uwsgi.lock()
        try:
            return function(*args, **kwargs)
        finally:
            uwsgi.unlock()

    return locked


class harakiri:
    """The function gets so many seconds of a request; then its worker is killed."""

    def __init__(self, seconds):
        self._seconds = seconds

    def __call__(self, function):
        @wraps(function)
        def watched(*args, **kwargs):
            uwsgi.set_user_harakiri(self._seconds)
            result = function(*args, **kwargs)
            uwsgi.set_user_harakiri(0)
            return result

        return watched
