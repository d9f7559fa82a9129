"""Functions that run after a fork, in threads, one at a time, or for so long."""
from functools import wraps
from threading import Thread

import uwsgi

postfork_chain = []


def _run_postfork_chain():
    for function in postfork_chain:
        function()


uwsgi.post_fork_hook = _run_postfork_chain


class postfork:
    """Runs the function in every process of the app right after its fork; `@postfork(2)` in worker 2 only."""

    def __init__(self, function_or_worker):
        is_function = callable(function_or_worker)
        self._function = function_or_worker if is_function else None
        self._worker = 0 if is_function else function_or_worker
        postfork_chain.append(self)

    def __call__(self, *args, **kwargs):
        if self._function is None:
            self._function = args[0]
            return self._function
        if self._worker and self._worker != uwsgi.worker_id():
            return None
        return self._function(*args, **kwargs)


class thread:
    """Every call of the function runs in a thread of its own."""

    def __init__(self, function):
        self._function = function

    def __call__(self, *args, **kwargs):
        Thread(target=self._function, args=args, kwargs=kwargs, daemon=True).start()
        return self._function


def lock(function):
    """Only one worker at a time runs the function; a spooler never does."""
    @wraps(function)
    def locked(*args, **kwargs):
        if uwsgi.i_am_the_spooler():
            return None
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
