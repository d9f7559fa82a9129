"""The module `uwsgi` that apps import.

It exists only inside a vassal's Python processes, as people's `try: import uwsgi` expects.
Texts are bytes where uWSGI has bytes.
"""
import re
import sys
import time
from _thread import get_ident
from types import ModuleType

from emperor_worker import report, uwsgi_functions


class ModuleState:
    """What the functions of the module work on."""

    def __init__(self, settings, board):
        self.settings = settings
        self.board = board
        self.worker_id = 0
        self.channel = None
        self.core_of_thread = {}
        self.module = None

    def enter_worker(self, worker_id, channel):
        """This process is now a worker."""
        self.worker_id = worker_id
        self.channel = channel

    def run_post_fork_hook(self):
        """`uwsgi.post_fork_hook`, which uwsgidecorators sets."""
        hook = getattr(self.module, 'post_fork_hook', None)
        if hook is not None:
            try:
                hook()
            except Exception as error:
                report.report(error)

    def run_exit_hook(self):
        """`uwsgi.atexit`, called when a worker ends in order."""
        hook = getattr(self.module, 'atexit', None)
        if hook is not None:
            try:
                hook()
            except Exception as error:
                report.report(error)

    def current_request(self):
        """The request that the calling thread runs. ValueError outside of one."""
        core = self.core_of_thread.get(get_ident())
        request = self.channel.running[core] if self.channel is not None and core is not None else None
        if request is None:
            raise ValueError('this function of the uwsgi module only works while a request runs')
        return request


def install(settings, board):
    """Makes the module importable."""
    state = ModuleState(settings, board)
    module = state.module = ModuleType('uwsgi', 'The API of the application server.')
    for name, value in _constants(settings).items():
        setattr(module, name, value)
    for function in uwsgi_functions.make(state):
        setattr(module, function.__name__, function)
    sys.modules['uwsgi'] = module
    return state


def _constants(settings):
    version = settings['version']
    numbers = [int(number) for number in re.findall(r'\d+', version)[:4]]
    return {
        'version': version.encode(),
        'version_info': tuple(numbers + [0] * (4 - len(numbers)) + [version.encode()]),
        'hostname': settings['nodeName'].encode(),
        'opt': {key: _option_value(value) for key, value in settings['options'].items()},
        'numproc': settings['processes'],
        'cores': settings['threads'],
        'has_threads': int(settings['threads'] > 1),
        'buffer_size': settings['bufferBytes'],
        'started_on': int(time.time()),
        'is_a_reload': settings['isReload'],
        'applications': None,
        'loop': None,
        'unbit': None,
        'start_response': None,
        'SPOOL_OK': -2,
        'SPOOL_RETRY': -1,
        'SPOOL_IGNORE': 0,
    }


def _option_value(value):
    if isinstance(value, list):
        return [_option_value(item) for item in value]
    return value if isinstance(value, bool) else value.encode()
