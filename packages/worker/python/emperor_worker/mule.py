"""A mule: runs a script of the user's, or waits for messages and signals."""
import importlib
import os
import runpy
import sys
import time

from emperor_worker import report
from emperor_worker.companion import Companion
from emperor_worker.frames import MAIL_TO_FARM


def run(descriptor, task, _settings, state):
    """The whole life of a mule. Does not return."""
    mule = _Mule(descriptor, task, state)
    state.mule = mule
    mule.companion.live(mule.work)


class _Mule:
    def __init__(self, descriptor, task, state):
        self.number = task['number']
        self.farms = task['farms']
        self.companion = Companion(descriptor, task['name'], state)
        self._script = task['script']
        self._state = state

    def work(self):
        if self._script:
            self._run_script()
            return
        while not self.companion.is_stopping:
            message = self.next_message(True, True, None)
            if message is not None:
                self._handle(message)

    def _run_script(self):
        if self._script.endswith('.py') or os.path.exists(self._script):
            runpy.run_path(self._script, run_name='__main__')
            return
        name, _, function = self._script.partition(':')
        module = importlib.import_module(name)
        if function:
            getattr(module, function)()

    def next_message(self, takes_signals, takes_farms, timeout):
        """The next one for this mule, None when there is none in time or the mule is to end."""
        companion = self.companion
        companion.channel.note('busy', task='')
        deadline = None if timeout is None else time.monotonic() + timeout

        def has_news():
            return self._has_mail(takes_farms) or companion.is_stopping or (takes_signals and companion.channel.pending)

        while companion.wait_until(has_news, deadline):
            if takes_signals and companion.channel.pending:
                companion.channel.note('busy', task='a signal')
                companion.handle_signals()
                companion.channel.note('busy', task='')
                continue
            if not self._has_mail(takes_farms):  # it is to end
                if self._script:
                    raise SystemExit(0)
                return None
            companion.channel.note('busy', task='a message')
            return self._take_mail(takes_farms)
        return None

    def next_farm_message(self):
        """The next one for a farm of this mule."""
        self.companion.wait_until(lambda: self._farm_mail() is not None or self.companion.is_stopping)
        found = self._farm_mail()
        if found is None:
            raise SystemExit(0)
        self.companion.channel.mail.remove(found)
        return found[1]

    def _farm_mail(self):
        return next((mail for mail in self.companion.channel.mail if mail[0] & MAIL_TO_FARM), None)

    def _has_mail(self, takes_farms):
        return any(takes_farms or not flags & MAIL_TO_FARM for flags, _ in self.companion.channel.mail)

    def _take_mail(self, takes_farms):
        mail = self.companion.channel.mail
        for entry in mail:
            if takes_farms or not entry[0] & MAIL_TO_FARM:
                mail.remove(entry)
                return entry[1]
        return None

    def _handle(self, message):
        hook = getattr(self._state.module, 'mule_msg_hook', None)
        if hook is None:
            report.write('*** mule %d received a %d bytes message ***\n' % (self.number, len(message)))
            return
        try:
            hook(message)
        except Exception as error:
            report.report(error)
        sys.stdout.flush()
