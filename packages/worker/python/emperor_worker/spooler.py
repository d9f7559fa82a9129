"""A spooler: runs the jobs of one directory, one after the other."""
import importlib
import json
import os
import runpy
import sys
import time

from emperor_worker import report, spool_files
from emperor_worker.companion import Companion
from emperor_worker.job_places import describe, is_url, shown, store_class

SPOOL_OK = -2
SPOOL_RETRY = -1
SPOOL_IGNORE = 0

FIRST_BACKOFF_SECONDS = 1
MAX_BACKOFF_SECONDS = 600

REST_SECONDS = 0.02
"""It rests when it has had nothing to do for so long. Saying so after each job would cost as much as a small one."""

LOOK_SECONDS = 1
"""Between two looks for what others have left behind, at least."""

NEWS_SECONDS = 1
"""Between two pieces of news to the vassal while it works."""

NO_FUNCTION = 'unable to find the spooler function, have you loaded it into the spooler process ?\n'


def run(descriptor, task, settings, state):
    """The whole life of a spooler. Does not return."""
    spooler = _Spooler(descriptor, task, settings['services']['spoolers'], state)
    state.spooler = spooler
    spooler.companion.live(spooler.work)


def backoff_seconds(attempts):
    """Pause after so many attempts that failed."""
    return min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1))


class _Spooler:
    def __init__(self, descriptor, task, settings, state):
        self.companion = Companion(descriptor, task['name'], state)
        self._place = task['directory']
        self._store_class = store_class(self._place)
        self._settings = settings
        self._frequency = settings['frequency']
        self._state = state
        self._done = 0
        self._told = 0
        self._told_at = 0
        self._looked_at = -LOOK_SECONDS
        self._store = None
        self._owner = None
        self._unreadable = set()
        self._prefix = '[spooler %s pid: %d] ' % (shown(self._place), os.getpid())

    def work(self):
        if not is_url(self._place):
            os.chdir(self._place)
        for name in self._settings['imports']:
            if name.endswith('.py'):
                runpy.run_path(name)
            else:
                importlib.import_module(name)
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
                self._log('cannot work: %s: jobs wait until that is mended, the next try is in %d seconds'
                          % (describe(self._place, error), pause))
            if not companion.is_stopping:
                self._wait(pause)

    def _open(self):
        if self._store is None:
            self._store = self._store_class(self._place)
            self._owner = self._store.own()
            if self._store.bell is not None:
                self.companion.watch(self._store.bell.fileno())

    # Waiting

    def _pause(self):
        due = self._store.next_due()
        longest = self._store.poll_seconds or self._frequency
        return longest if due is None else min(longest, max(0, due - time.time()))

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
        bell = None if self._store is None else self._store.bell
        is_rung = bell is not None and bell.silence()
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
        self.companion.channel.note('busy', task=task, done=self._done - self._told)
        self._told = self._done

    # Jobs of others

    def _look_around(self):
        self._looked_at = time.monotonic()
        self._adopt_orphans()
        if self._store.takes_files_over:
            self._take_over_files()

    def _adopt_orphans(self):
        """Jobs whose process has died are to run again, but not for ever: they may be what killed it."""
        for key, name, attempts, owner in self._store.running():
            if not self._owner.is_alive(owner):
                self._put_back_or_bury(key, name, attempts, 'its process died')

    def _take_over_files(self):
        for path, priority in spool_files.find(self._place):
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
        if job is not None and self._store.bell is not None and self._store.has_more:
            self._store.bell.ring()
        while job is not None:
            self._tell_begin(job)
            is_done = self._run(job)
            self._done += 1
            companion.channel.poll()
            companion.handle_signals()
            self._leave_when_spent()
            if companion.is_stopping:
                if is_done:
                    self._store.finish(job)
                break
            job = self._store.next(owner, job if is_done else None)

    def _leave_when_spent(self):
        limit = self._settings['maxTasks']
        if limit and self._done >= limit and not self.companion.is_stopping:
            self._tell_rest()
            self._log('maximum number of tasks reached (%d) recycling ...' % limit)
            self.companion.channel.note('leave')
            self.companion.wait_until(lambda: self.companion.is_stopping)

    def _run(self, job):
        """Whether it is done; if not, what becomes of it is settled."""
        began = time.time()
        if not self._settings['quiet']:
            self._log('managing request %s ...' % job.name)
        result, problem = self._call(job)
        sys.stdout.flush()
        if result == SPOOL_OK:
            if not self._settings['quiet']:
                self._log('done with task %s after %d seconds' % (job.name, time.time() - began))
        elif result == SPOOL_IGNORE:
            report.write(NO_FUNCTION)
            self._store.put_back(job.key, time.time() + self._frequency, job.attempts - 1)
        elif result == SPOOL_RETRY:
            self._store.put_back(job.key, time.time() + self._frequency, 0)
        else:
            self._put_back_or_bury(job.key, job.name, job.attempts, problem)
        return result == SPOOL_OK

    def _call(self, job):
        """What the app's function returned, and in words what was wrong with it."""
        function = getattr(self._state.module, 'spooler', None)
        if function is None:
            return SPOOL_IGNORE, None
        if self._settings['chdir']:
            os.chdir(self._settings['chdir'])
        arguments = dict(job.vars)
        arguments['spooler_task_name'] = job.name.encode()
        if job.body is not None:
            arguments['body'] = job.body
        try:
            result = function(arguments)
        except Exception as error:
            report.report(error)
            return None, 'it raised %s: %s' % (type(error).__name__, error)
        if type(result) is int and result in (SPOOL_OK, SPOOL_RETRY, SPOOL_IGNORE):
            return result, None
        return None, 'it returned %r: expected SPOOL_OK, SPOOL_RETRY or SPOOL_IGNORE' % (result,)

    def _put_back_or_bury(self, key, name, attempts, problem):
        most = self._settings['maxAttempts']
        if attempts >= most:
            self._store.bury(key, problem)
            self._log('task %s is given up after %d attempts: %s; "vassal jobs %s" lists it'
                      % (name, attempts, problem, shown(self._place)))
            return
        pause = backoff_seconds(attempts)
        self._store.put_back(key, time.time() + pause, attempts, problem)
        self._log('task %s failed (attempt %d of %d): %s; the next is in %d seconds'
                  % (name, attempts, most, problem, pause))

    def _log(self, text):
        report.write('%s%s\n' % (self._prefix, text))
