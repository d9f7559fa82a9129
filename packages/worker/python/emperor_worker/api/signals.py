"""The topic signals: functions that other processes, timers, clocks and files have called."""
from operator import index

from emperor_worker.signals import MAX_SIGNAL


def functions(state):
    signals = state.signals

    def register_signal(number, target, function):
        if not callable(function):
            raise ValueError('unable to register signal: %r is no function' % (function,))
        _check(number)
        if state.channel is None and number in signals.functions:
            raise ValueError('unable to register signal: %d has a function already' % number)
        signals.functions[number] = function
        state.tell('register_signal', number, _text(target))

    def signal_registered(number):
        return True if number in signals.functions or state.has_registered(number) else None

    def signal(number, _node=None):
        _check(number)
        state.tell('signal', number)

    def signal_wait(number=None):
        """Waits for a signal to this process (this one, or any), handles it, and lets `signal_received` name it."""
        channel = state.channel
        if channel is None:
            raise ValueError('signal_wait() only works in a worker or a mule, not while the app is imported')
        waiter = _Waiter()

        def arrived():
            return next((task for task in channel.pending if not task.stream and number in (None, task.number)), None)

        channel.wait(waiter, lambda: arrived() is not None)
        task = arrived()
        channel.pending.remove(task)
        task.run(signals)
        channel.note('signalled')
        return ''

    def signal_received():
        return signals.received

    def add_timer(number, seconds):
        _check(number)
        state.tell('add_timer', number, index(seconds), 0)

    def add_rb_timer(number, seconds, times=0):
        _check(number)
        state.tell('add_timer', number, index(seconds), index(times))

    def add_cron(number, minute, hour, day, month, week):
        _check(number)
        state.tell('add_cron', number, *map(index, (minute, hour, day, month, week)))
        return True

    def add_file_monitor(number, path):
        _check(number)
        state.tell('add_file_monitor', number, _text(path))

    return [register_signal, signal_registered, signal, signal_wait, signal_received, add_timer, add_rb_timer, add_cron,
            add_file_monitor]


class _Waiter:
    wake = None


def _check(number):
    if not isinstance(number, int):
        raise TypeError('a signal is a number, not %r' % (number,))
    if not 0 <= number <= MAX_SIGNAL:
        raise ValueError('there is no signal %d: they are numbered from 0 to %d' % (number, MAX_SIGNAL))


def _text(value):
    return value.decode('utf-8', 'surrogateescape') if isinstance(value, bytes) else str(value)
