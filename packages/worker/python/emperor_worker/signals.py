"""uWSGI's signals: numbers from 0 to 255 that apps give functions to. The kernel has no part in them."""
from emperor_worker import report

MAX_SIGNAL = 255


class Signals:
    """The functions of this process; a fork inherits those of the zygote."""

    def __init__(self):
        self.functions = {}
        self.received = 0
        """Number of the signal handled last."""

    def handle(self, number):
        """Calls the function of a signal. Whatever it raises is reported, and nothing else happens."""
        self.received = number
        function = self.functions.get(number)
        if function is None:
            report.write('error managing signal %d: no function has been registered for it in this process\n' % number)
            return
        try:
            function(number)
        except Exception as error:
            report.report(error)


class SignalTask:
    """A signal among the requests that wait for a thread. What is asked of requests has answers here."""

    stream = 0
    held = False
    aborted = False

    def __init__(self, number):
        self.number = number

    def run(self, signals):
        """Called by the thread that has time for it."""
        signals.handle(self.number)
