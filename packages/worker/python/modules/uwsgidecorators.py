"""Decorators on top of the module `uwsgi`, importable in apps as with uWSGI: what people know, in our own words.

The functions behind jobs and messages to mules are found by their names, so they must be known where the job runs:
decorate them where the app is imported.
"""
import pickle
import sys
from functools import partial, wraps
from threading import Thread

import uwsgi

spooler_functions = {}
mule_functions = {}
postfork_chain = []

_SPOOL_KEYS = ('message_dict', 'spooler', 'priority', 'at', 'body')
"""Arguments of a call that are about the job and not for the function."""


def get_free_signal():
    """The first number that no function has been registered for."""
    for number in range(256):
        if not uwsgi.signal_registered(number):
            return number
    raise Exception('all 256 signals have functions already')


# Processes

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


# Signals

class signal:
    """Has the function called when the signal is raised; `target` says by whom."""

    def __init__(self, num, **kwargs):
        self.num = num
        self._target = kwargs.get('target', '')

    def __call__(self, function):
        uwsgi.register_signal(self.num, self._target, function)
        return function


class _Trigger(signal):
    """Registers the function for a free signal, or for `signum`, and has something raise it."""

    def __init__(self, *when, **kwargs):
        super().__init__(kwargs['signum'] if 'signum' in kwargs else get_free_signal(), **kwargs)
        self._when = when

    def __call__(self, function):
        super().__call__(function)
        self._arm(*self._when)
        return function


class timer(_Trigger):
    """Calls the function every so many seconds."""

    def __init__(self, secs, **kwargs):
        super().__init__(secs, **kwargs)

    def _arm(self, seconds):
        uwsgi.add_timer(self.num, seconds)


class rbtimer(_Trigger):
    """Like `timer`; in uWSGI it is another kind of clock."""

    def __init__(self, secs, **kwargs):
        super().__init__(secs, **kwargs)

    def _arm(self, seconds):
        uwsgi.add_rb_timer(self.num, seconds)


class cron(_Trigger):
    """Calls the function at certain times; -1 is always, -N every N."""

    def __init__(self, minute, hour, day, month, dayweek, **kwargs):
        super().__init__(minute, hour, day, month, dayweek, **kwargs)

    def _arm(self, *fields):
        uwsgi.add_cron(self.num, *fields)


class filemon(_Trigger):
    """Calls the function when a file or directory changes."""

    def __init__(self, fsobj, **kwargs):
        super().__init__(fsobj, **kwargs)

    def _arm(self, path):
        uwsgi.add_file_monitor(self.num, path)


# Jobs

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


# Mules

def mule_msg_dispatcher(message):
    """Runs the function that a message to a mule names."""
    call = pickle.loads(message)
    if call['service'] == 'uwsgi_mulefunc':
        return mule_functions[call['func']](*call['args'], **call['kwargs'])
    return None


uwsgi.mule_msg_hook = mule_msg_dispatcher


class mulefunc:
    """Calls of the function run in a mule: any one, `@mulefunc(2)` in mule 2."""

    def __init__(self, function_or_mule):
        self.fname = None
        self.mule = 0
        if callable(function_or_mule):
            self._take(function_or_mule)
        else:
            self.mule = function_or_mule

    def _take(self, function):
        self.fname = function.__name__
        mule_functions[self.fname] = function

    def real_call(self, *args, **kwargs):
        """Sends the call."""
        call = {'service': 'uwsgi_mulefunc', 'func': self.fname, 'args': args, 'kwargs': kwargs}
        uwsgi.mule_msg(pickle.dumps(call), self.mule)

    def __call__(self, *args, **kwargs):
        if self.fname is not None:
            return self.real_call(*args, **kwargs)
        self._take(args[0])
        return self.real_call


def _in_mule(number, body):
    def run():
        if uwsgi.mule_id() == number:
            body()

    postfork_chain.append(run)


def _or_exit(function):
    """What a mule runs must not fail unseen: it is reported, and another mule starts."""
    try:
        function()
    except Exception:
        sys.excepthook(*sys.exc_info())
        sys.exit(1)


def _for_ever(next_message, function):
    while True:
        message = next_message()
        if message:
            function(message)


class mule:
    """The function is what mule `num` does, once."""

    def __init__(self, num):
        self.num = num

    def __call__(self, function):
        _in_mule(self.num, lambda: _or_exit(function))


class muleloop(mule):
    """The function is what mule `num` does, over and over."""

    def __call__(self, function):
        def loop():
            while True:
                _or_exit(function)

        _in_mule(self.num, loop)


class mulemsg(mule):
    """The function gets the messages to mule `num`."""

    def __call__(self, function):
        _in_mule(self.num, lambda: _for_ever(uwsgi.mule_get_msg, function))


class farm:
    """The function gets the messages to the farm, in whichever of its mules is free."""

    def __init__(self, name=None, **_kwargs):
        self.name = name

    def __call__(self, function):
        def run():
            if uwsgi.mule_id() and uwsgi.in_farm(self.name):
                _for_ever(uwsgi.farm_get_msg, function)

        postfork_chain.append(run)


class rpc:
    """Registers the function under a name for uwsgi.call() and uwsgi.rpc()."""

    def __init__(self, name):
        self.name = name

    def __call__(self, function):
        uwsgi.register_rpc(self.name, function)
        return function
