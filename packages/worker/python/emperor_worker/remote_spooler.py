"""A spooler whose jobs the vassal fetches from a server, and sends it one by one.

The layout of that mail is described in packages/instance/src/jobs/remote/job-mail.ts.
"""
import json
from struct import Struct

from emperor_worker import report
from emperor_worker.frames import MAIL_CONTINUES
from emperor_worker.job_runner import JobRunner
from emperor_worker.remote_jobs import decode_vars

_LENGTH = Struct('<I')


class RemoteSpooler:
    """One process. It tells the vassal when it begins, so that a job that kills it is known, and what came of each job."""

    def __init__(self, companion, prefix, settings, state):
        self._companion = companion
        self._runner = JobRunner(settings, state, lambda text: report.write('%s%s\n' % (prefix, text)))
        self._pieces = []

    def work(self):
        companion = self._companion
        self._runner.import_modules()
        while not companion.is_stopping:
            companion.wait_until(self._has_news)
            companion.handle_signals()
            job = self._take_job()
            if job is not None and not companion.is_stopping:
                self._run(*job)

    def _has_news(self):
        companion = self._companion
        return companion.channel.mail or companion.channel.pending or companion.is_stopping

    def _take_job(self):
        """Name, keys and values, and body of the job that is complete by now; None when there is none."""
        mail = self._companion.channel.mail
        while mail:
            flags, piece = mail.popleft()
            self._pieces.append(piece)
            if not flags & MAIL_CONTINUES:
                whole = b''.join(self._pieces)
                self._pieces.clear()
                return _parse(whole)
        return None

    def _run(self, name, values, body):
        companion = self._companion
        companion.channel.note('busy', task=name)
        result, problem = self._runner.run(name, values, body)
        companion.channel.note('ran', result=result, problem=problem)
        if self._runner.is_spent and not companion.is_stopping:
            self._runner.log_spent()
            companion.channel.note('leave')
            companion.wait_until(lambda: companion.is_stopping)


def _parse(mail):
    end = _LENGTH.size + _LENGTH.unpack_from(mail)[0]
    head = json.loads(mail[_LENGTH.size:end])
    return head['name'], decode_vars(head['vars']), mail[end:] if head['hasBody'] else None
