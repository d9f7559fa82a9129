"""Functions that run in mules."""
import pickle
import sys

import uwsgi

from uwsgidecorators.processes import postfork_chain

mule_functions = {}


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
