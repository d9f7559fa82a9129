"""Functions whose calls become jobs for a spooler."""
import pickle
from functools import partial

import uwsgi

spooler_functions = {}

_SPOOL_KEYS = ('message_dict', 'spooler', 'priority', 'at', 'body')
"""Arguments of a call that are about the job and not for the function."""


def _encoded(value):
    return value.encode('utf-8') if isinstance(value, str) else value


def _decoded(value):
    return value.decode('utf-8') if isinstance(value, bytes) else value


def manage_spool_request(job):
    """Runs the function that a job names. What `uwsgi.spooler` is set to."""
    job = {_decoded(key): value for key, value in job.items()}
    has_arguments = 'args' in job
    if has_arguments:
        args, kwargs = pickle.loads(job.pop('args')), pickle.loads(job.pop('kwargs'))
    job = {key: value if key == 'body' else _decoded(value) for key, value in job.items()}
    function = spooler_functions[job['ud_spool_func']]
    result = function(*args, **kwargs) if has_arguments else function(job)
    return int(job.get('ud_spool_ret', result))


uwsgi.spooler = manage_spool_request


class _spoolraw:
    """A function whose calls become jobs; what it returns decides whether a job is done."""

    _result = None

    def __init__(self, function, pass_arguments):
        if not {'spooler', 'spooler-external'} & set(uwsgi.opt):
            raise Exception('the decorator @%s needs a spooler: add the option spooler = DIRECTORY'
                            % type(self).__name__.lstrip('_'))
        self.f = function
        self.pass_arguments = pass_arguments
        self.base_dict = {'ud_spool_func': function.__name__}
        if self._result is not None:
            self.base_dict['ud_spool_ret'] = str(self._result)
        spooler_functions[function.__name__] = function
        function.spool = self.__call__

    def __call__(self, *args, **kwargs):
        job = dict(self.base_dict)
        if self.pass_arguments:
            job.update((key, kwargs.pop(key)) for key in _SPOOL_KEYS if key in kwargs)
            job.update(args=pickle.dumps(args), kwargs=pickle.dumps(kwargs))
        else:
            if args:
                job.update(args[0])
            job.update(kwargs)
        return uwsgi.spool({_encoded(key): _encoded(value) for key, value in job.items()})

    def spool(self, *args, **kwargs):
        """The same as calling it."""
        return self(*args, **kwargs)


class _spool(_spoolraw):
    _result = uwsgi.SPOOL_OK


class _spoolforever(_spoolraw):
    _result = uwsgi.SPOOL_RETRY


def _spool_decorator(kind, function, pass_arguments):
    return partial(kind, pass_arguments=pass_arguments) if function is None else kind(function, pass_arguments)


def spoolraw(f=None, pass_arguments=False):
    """Calls become jobs; the function returns SPOOL_OK, SPOOL_RETRY or SPOOL_IGNORE."""
    return _spool_decorator(_spoolraw, f, pass_arguments)


def spool(f=None, pass_arguments=False):
    """Calls become jobs that are done when the function returns."""
    return _spool_decorator(_spool, f, pass_arguments)


def spoolforever(f=None, pass_arguments=False):
    """Calls become jobs that run again and again."""
    return _spool_decorator(_spoolforever, f, pass_arguments)
