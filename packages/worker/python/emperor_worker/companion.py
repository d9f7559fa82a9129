"""What processes beside the workers have in common: a channel to the vassal, signals, the life around their task."""
import _signal as signal
import faulthandler
import os
import select
import time
from _socket import socket as Socket

from emperor_worker import process_name, report
from emperor_worker.channel import Channel
from emperor_worker.guard import Guard
from emperor_worker.answer import ChannelClosed
from emperor_worker.worker import leave

EPOLLEXCLUSIVE = 1 << 28
"""PyPy has no name for it."""


class Companion:
    """One such process."""

    def __init__(self, descriptor, name, state):
        self.channel = Channel(Socket(fileno=descriptor), 1)
        self.channel.guard = Guard(self.channel)
        self._poll = select.epoll()
        self._poll.register(descriptor, select.EPOLLIN)
        self._descriptor = descriptor
        self._name = name
        self._state = state
        state.channel = self.channel

    def live(self, work):
        """Calls `work` and ends the process when it returns. Does not return."""
        status = 1
        try:
            self._prepare()
            self._state.run_post_fork_hook()
            work()
            self._state.run_exit_hook()
            status = 0
        except ChannelClosed:
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        except BaseException as error:
            report.report(error)
        finally:
            leave(status)

    def _prepare(self):
        owner = os.getpid()
        os.register_at_fork(after_in_child=lambda: os.getpid() == owner or self.channel.forget())
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        faulthandler.register(signal.SIGUSR2, file=2, all_threads=True)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.channel.note_from_signal('leave'))
        if self._state.settings['workerName']:
            process_name.set_name(self._name)
        self.channel.note('ready', pid=os.getpid())

    @property
    def is_stopping(self):
        """The vassal wants it to end."""
        return self.channel.stopping

    def handle_signals(self):
        """Calls the functions of the signals that have come. Returns how many."""
        pending = self.channel.pending
        count = 0
        while pending:
            task = pending.popleft()
            task.run(self._state.signals)
            count += 1
        return count

    def wait(self, seconds=None):
        """Until the vassal says something, or for so long. Whoever calls it looks what it was."""
        self.channel.flush()
        ready = self._poll.poll(None if seconds is None else max(0, seconds))
        if any(descriptor == self._descriptor for descriptor, _ in ready):
            self.channel.poll()

    def watch(self, descriptor):
        """Has `wait` return when something is written there too; of several processes that wait, one."""
        self._poll.register(descriptor, select.EPOLLIN | select.EPOLLET | EPOLLEXCLUSIVE)

    def wait_until(self, is_satisfied, deadline=None):
        """Waits for what the vassal has to say to make `is_satisfied()` true. False when `deadline` (monotonic) came first."""
        while not is_satisfied():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            self.wait(left)
        return True
