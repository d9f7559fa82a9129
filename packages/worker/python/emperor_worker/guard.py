"""A thread that keeps promises while an app takes its time.

A worker runs a batch of requests between one read and one write. That is only allowed because this thread watches:
when a batch takes longer than a tick, it sends what the app has produced so far (PEP 3333 wants no block of a body held
back) and gives the requests that were not begun back to the vassal, which has other workers for them. It is a thread
and not a signal, since it must work while the app blocks in C code.
"""
from _thread import allocate_lock, start_new_thread

from emperor_worker.answer import ChannelClosed

TICK_SECONDS = 0.001
LINGER_TICKS = 2
"""Quiet ticks behind a busy one before it rests: a worker that gets many requests need not wake it for each."""


class Guard:
    """Rests (blocked, no CPU) while there is nothing to watch; who adds something looks at `resting`, calls `wake`."""

    def __init__(self, channel):
        self.resting = True
        self._channel = channel
        self._alarm = allocate_lock()
        self._alarm.acquire()
        self._sends_seen = -1
        self._finished_seen = 0

    def start(self):
        start_new_thread(self._run, ())

    def wake(self):
        self.resting = False
        try:
            self._alarm.release()
        except RuntimeError:  # another thread was quicker
            pass

    def _run(self):
        try:
            while True:
                self._alarm.acquire()
                ticks_left = 1
                while ticks_left:
                    self._alarm.acquire(True, TICK_SECONDS)
                    ticks_left = LINGER_TICKS if self._tick() else ticks_left - 1
                self._rest()
        except ChannelClosed:
            pass  # the threads that run requests notice it themselves

    def _rest(self):
        channel = self._channel
        # Or every request would wake us, in case more were behind it.
        if channel.exposed and not channel.return_sent and not channel.pending:
            channel.give_back_pending()
        self.resting = True
        if self._has_work():  # came up before anyone could see that we rest
            self.wake()

    def _has_work(self):
        channel = self._channel
        if channel.has_output or channel.pending:
            return True
        for request in channel.running:
            if request is not None and (request.held or channel.exposed):
                return True
        return False

    def _tick(self):
        """Returns whether there is something to watch, or will be soon."""
        channel = self._channel
        sends = channel.sends
        finished = channel.finished
        is_busy = finished - self._finished_seen > 1
        if sends == self._sends_seen:
            self._send_held()
        if finished == self._finished_seen and None not in channel.running:
            self._give_back()
        self._sends_seen = channel.sends
        self._finished_seen = finished
        return is_busy or self._has_work()

    def _send_held(self):
        channel = self._channel
        for request in channel.running:
            if request is not None and request.held:
                request.emit_held()
        if channel.has_output:
            channel.flush()
            channel.poll()  # an app that streams slowly learns here that its client is gone

    def _give_back(self):
        channel = self._channel
        if channel.exposed:
            channel.poll()
        if channel.pending or (channel.exposed and not channel.return_sent):
            channel.give_back_pending()
