"""Functions that signals call, and what raises signals: clocks and files. Also those that are called by name from elsewhere."""
import uwsgi


def get_free_signal():
    """The first number that no function has been registered for."""
    for number in range(256):
        if not uwsgi.signal_registered(number):
            return number
    raise Exception('all 256 signals have functions already')


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


class rpc:
    """Registers the function under a name for uwsgi.call() and uwsgi.rpc()."""

    def __init__(self, name):
        self.name = name

    def __call__(self, function):
        uwsgi.register_rpc(self.name, function)
        return function
