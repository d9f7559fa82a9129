"""What the functions of the module `uwsgi` work on."""
import time
from _thread import get_ident

from emperor_worker import report
from emperor_worker.signals import Signals


class ModuleState:
    """One per Python process; a fork inherits the zygote's."""

    def __init__(self, settings, board):
        self.settings = settings
        self.board = board
        self.started_micros = int(time.time() * 1000000)
        self.worker_id = 0
        self.channel = None
        """The worker's; None in the zygote."""
        self.core_of_thread = {}
        self.apps = []
        """Those this worker has loaded."""
        self.module = None
        self.signals = Signals()
        self.mule = None
        """In a mule: itself."""
        self.spooler = None
        """In a spooler: itself."""
        self.deferred_calls = []
        """What was asked of the vassal before there was a channel to it; the zygote tells it."""

    def enter_worker(self, worker_id, channel):
        """This process is now a worker."""
        self.worker_id = worker_id
        self.channel = channel

    def run_post_fork_hook(self):
        """`uwsgi.post_fork_hook`, which uwsgidecorators sets."""
        self._run_hook('post_fork_hook')

    def run_exit_hook(self):
        """`uwsgi.atexit`, called when a worker ends in order."""
        self._run_hook('atexit')

    def _run_hook(self, name):
        hook = getattr(self.module, name, None)
        if hook is not None:
            try:
                hook()
            except Exception as error:
                report.report(error)

    def ask(self, name, *args):
        """A question that only the vassal can answer. CallError when it refuses; ValueError before there is a worker."""
        if self.channel is None:
            raise ValueError('this function of the uwsgi module only works in a worker, not while the app is imported')
        return self.channel.calls.ask(name, *args)

    def note(self, kind, **fields):
        """News for the vassal. ValueError before there is a worker."""
        if self.channel is None:
            raise ValueError('this function of the uwsgi module only works in a worker, not while the app is imported')
        self.channel.note(kind, **fields)

    def tell(self, name, *args):
        """`ask` without an answer, which also works while the app is imported."""
        if self.channel is None:
            self.deferred_calls.append((name, args))
        else:
            self.channel.note('tell', name=name, args=args)

    def has_registered(self, number):
        """Whether a signal has a function in any process."""
        return self.channel is not None and self.ask('signal_registered', number)

    def current_request(self):
        """The request that the calling thread runs. ValueError outside of one."""
        core = self.core_of_thread.get(get_ident())
        request = self.channel.running[core] if self.channel is not None and core is not None else None
        if request is None or not request.stream:
            raise ValueError('this function of the uwsgi module only works while a request runs')
        return request
