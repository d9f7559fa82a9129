"""A spooler: runs the jobs of one place, one after the other."""
import json
import os
import time

from emperor_worker import report, spool_files
from emperor_worker.companion import Companion
from emperor_worker.job_places import describe, is_url, shown
from emperor_worker.job_runner import SPOOL_IGNORE, SPOOL_OK, SPOOL_RETRY, JobRunner

FIRST_BACKOFF_SECONDS = 1
MAX_BACKOFF_SECONDS = 600

REST_SECONDS = 0.02
"""It rests when it has had nothing to do for so long. Saying so after each job would cost as much as a small one."""

LOOK_SECONDS = 1
"""Between two looks for what others have left behind, at least."""

NEWS_SECONDS = 1
"""Between two pieces of news to the vassal while it works."""



def run(descriptor, task, settings, state):
    """The whole life of a spooler. Does not return."""
    place = task['directory']
    settings = settings['services']['spoolers']
    companion = Companion(descriptor, task['name'], state)
    prefix = '[spooler %s pid: %d] ' % (shown(place), os.getpid())
    if is_url(place):
        from emperor_worker.remote_spooler import RemoteSpooler

        spooler = RemoteSpooler(companion, prefix, settings, state)
    else:
        spooler = _DirectorySpooler(companion, place, prefix, settings, state)
    state.spooler = spooler
    companion.live(spooler.work)


def backoff_seconds(attempts):
    """Pause after so many attempts that failed."""
    return min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1))


class _DirectorySpooler:
    def __init__(self, companion, directory, prefix, settings, state):
        from emperor_worker.job_store import JobStore

        self.companion = companion
        self._directory = directory
        self._store_class = JobStore
        self._settings = settings
        self._frequency = settings['frequency']
        self._runner = JobRunner(settings, state, self._log)
        self._told = 0
        self._told_at = 0
        self._looked_at = -LOOK_SECONDS
        self._store = None
        self._owner = None
        self._ended = None
        """The job that was done last, as long as that may not have been noted."""
        self._unreadable = set()
        self._prefix = prefix

    def work(self):
        os.chdir(self._directory)
        self._runner.import_modules()
        companion = self.companion
        while not companion.is_stopping:
            pause = self._frequency
            try:
                self._open()
                if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                    self._look_around()
                self._run_jobs()
                pause = self._pause()
            except self._store_class.Error as error:
                self._looked_at = -LOOK_SECONDS  # what came of the last job may not have been noted
                self._log('cannot work: %s: jobs wait until that is mended, the next try is in %d seconds'
                          % (describe(self._directory, error), pause))
            if not companion.is_stopping:
                self._wait(pause)

    def _open(self):
        if self._store is None:
            self._store = self._store_class(self._directory)
            self._owner = self._store.own()
            self.companion.watch(self._store.bell.fileno())

    # Waiting

    def _pause(self):
        due = self._store.next_due()
        return self._frequency if due is None else min(self._frequency, max(0, due - time.time()))

    def _wait(self, seconds):
        """Until a job was spooled, a signal comes, it is time, or the end."""
        companion = self.companion
        now = time.monotonic()
        restless_seconds = 0 if self._settings['tellsEach'] else REST_SECONDS
        if not companion.wait_until(self._has_news, now + min(seconds, restless_seconds)):
            self._rest()
            companion.wait_until(self._has_news, now + seconds)
        companion.handle_signals()
        while companion.channel.mail:
            _, news = companion.channel.mail.popleft()
            if news:
                self._frequency = json.loads(news)['frequency']

    def _rest(self):
        self._tell_rest()
        if self._store is not None:
            try:
                self._store.tidy()
            except self._store_class.Error:
                pass  # whoever looks for the next job says what is wrong

    def _has_news(self):
        companion = self.companion
        is_rung = self._store is not None and self._store.bell.silence()
        return is_rung or companion.channel.mail or companion.channel.pending or companion.is_stopping

    # What the vassal knows

    def _tell_begin(self, job):
        now = time.monotonic()
        if self._settings['tellsEach'] or now - self._told_at >= NEWS_SECONDS:
            self._tell(job.name)
            self._told_at = now

    def _tell_rest(self):
        if self._told_at:
            self._tell('')
            self._told_at = 0

    def _tell(self, task):
        self.companion.channel.note('busy', task=task, done=self._runner.done - self._told)
        self._told = self._runner.done

    # Jobs of others

    def _look_around(self):
        self._looked_at = time.monotonic()
        self._adopt_orphans()
        self._take_over_files()

    def _adopt_orphans(self):
        """Jobs whose process has died are to run again, but not for ever: they may be what killed it. This one runs none just now."""
        for key, name, attempts, owner in self._store.running():
            if self._ended is not None and self._ended.key == key:
                self._store.finish(self._ended)
            elif owner == self._owner.number:
                self._put_back_or_bury(key, name, attempts, 'its end could not be noted')
            elif not self._owner.is_alive(owner):
                self._put_back_or_bury(key, name, attempts, 'its process died')

    def _take_over_files(self):
        for path, priority in spool_files.find(self._directory):
            if path in self._unreadable:
                continue
            try:
                spool_files.take_over(self._store, path, priority)
            except (OSError, spool_files.SpoolFileError) as error:
                self._unreadable.add(path)
                self._log('cannot take %s over: %s; it stays where it is' % (path, error))

    # Running

    def _run_jobs(self):
        companion = self.companion
        owner = self._owner.number
        job = None if companion.is_stopping else self._store.next(owner)
        if job is not None and self._store.has_more:
            self._store.bell.ring()
        while job is not None:
            self._tell_begin(job)
            is_done = self._run(job)
            self._ended = job if is_done else None
            companion.channel.poll()
            companion.handle_signals()
            self._leave_when_spent()
            if companion.is_stopping:
                if is_done:
                    self._store.finish(job)
                return
            job = self._store.next(owner, self._ended)
        self._ended = None

    def _leave_when_spent(self):
        if self._runner.is_spent and not self.companion.is_stopping:
            self._tell_rest()
            self._runner.log_spent()
            self.companion.channel.note('leave')
            self.companion.wait_until(lambda: self.companion.is_stopping)

    def _run(self, job):
        """Whether it is done; if not, what becomes of it is settled."""
        result, problem = self._runner.run(job.name, job.vars, job.body)
        if result == SPOOL_IGNORE:
            self._store.put_back(job.key, time.time() + self._frequency, job.attempts - 1)
        elif result == SPOOL_RETRY:
            self._store.put_back(job.key, time.time() + self._frequency, 0)
        elif result != SPOOL_OK:
            self._put_back_or_bury(job.key, job.name, job.attempts, problem)
        return result == SPOOL_OK

    def _put_back_or_bury(self, key, name, attempts, problem):
        most = self._settings['maxAttempts']
        if attempts >= most:
            self._store.bury(key, problem)
            self._log('task %s is given up after %d attempts: %s; "vassal jobs %s" lists it'
                      % (name, attempts, problem, shown(self._directory)))
            return
        pause = backoff_seconds(attempts)
        self._store.put_back(key, time.time() + pause, attempts, problem)
        self._log('task %s failed (attempt %d of %d): %s; the next is in %d seconds'
                  % (name, attempts, most, problem, pause))

    def _log(self, text):
        report.write('%s%s\n' % (self._prefix, text))
