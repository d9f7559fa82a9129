"""Runs jobs with the app's function, and says what came of each."""
import importlib
import os
import runpy
import sys
import time

from emperor_worker import report

SPOOL_OK = -2
SPOOL_RETRY = -1
SPOOL_IGNORE = 0

NO_FUNCTION = 'unable to find the spooler function, have you loaded it into the spooler process ?\n'


class JobRunner:
    """For one process."""

    def __init__(self, settings, state, log):
        """`log` writes a line of this spooler."""
        self._settings = settings
        self._state = state
        self._log = log
        self._done = 0

    def import_modules(self):
        """What the option spooler-import names."""
        for name in self._settings['imports']:
            if name.endswith('.py'):
                runpy.run_path(name)
            else:
                importlib.import_module(name)

    @property
    def done(self):
        """How many jobs have been run."""
        return self._done

    @property
    def is_spent(self):
        """Whether another process is to run the next job."""
        limit = self._settings['maxTasks']
        return bool(limit) and self._done >= limit

    def log_spent(self):
        self._log('maximum number of tasks reached (%d) recycling ...' % self._settings['maxTasks'])

    def run(self, name, values, body):
        """SPOOL_OK, SPOOL_RETRY, SPOOL_IGNORE or None, and in words what was wrong if that is None."""
        began = time.time()
        if not self._settings['quiet']:
            self._log('managing request %s ...' % name)
        result, problem = self._call(name, values, body)
        sys.stdout.flush()
        if result == SPOOL_OK and not self._settings['quiet']:
            self._log('done with task %s after %d seconds' % (name, time.time() - began))
        self._done += 1
        return result, problem

    def _call(self, name, values, body):
        function = getattr(self._state.module, 'spooler', None)
        if function is None:
            report.write(NO_FUNCTION)
            return SPOOL_IGNORE, ''
        if self._settings['chdir']:
            os.chdir(self._settings['chdir'])
        arguments = dict(values)
        arguments['spooler_task_name'] = name.encode()
        if body is not None:
            arguments['body'] = body
        try:
            result = function(arguments)
        except Exception as error:
            report.report(error)
            return None, 'it raised %s: %s' % (type(error).__name__, error)
        if type(result) is int and result in (SPOOL_OK, SPOOL_RETRY, SPOOL_IGNORE):
            return result, ''
        return None, 'it returned %r: expected SPOOL_OK, SPOOL_RETRY or SPOOL_IGNORE' % (result,)
