"""The module `uwsgi` that apps import. It exists only inside a vassal's Python processes, as people's `try: import uwsgi` expects."""
import os
import sys
from _thread import get_ident
from types import ModuleType

from emperor_worker import report


class ModuleState:
    """What the functions of the module work on."""

    def __init__(self, settings):
        self.settings = settings
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

    def current_request(self):
        """The request that the calling thread runs. ValueError outside of one."""
        core = self.core_of_thread.get(get_ident())
        request = self.channel.running[core] if self.channel is not None and core is not None else None
        if request is None:
            raise ValueError('this function of the uwsgi module only works while a request runs')
        return request


def install(settings):
    """Makes the module importable."""
    state = ModuleState(settings)
    module = state.module = ModuleType('uwsgi', 'The API of the application server.')
    module.version = settings['version'].encode()
    module.hostname = settings['nodeName'].encode()
    module.opt = {key: _option_value(value) for key, value in settings['options'].items()}
    module.numproc = settings['processes']
    module.cores = settings['threads']
    module.SPOOL_OK = -2
    module.SPOOL_RETRY = -1
    module.SPOOL_IGNORE = 0
    for function in _functions(state):
        setattr(module, function.__name__, function)
    sys.modules['uwsgi'] = module
    return state


def _option_value(value):
    if isinstance(value, list):
        return [_option_value(item) for item in value]
    return value if isinstance(value, bool) else value.encode()


def _functions(state):
    def worker_id():
        return state.worker_id

    def mypid():
        return os.getpid()

    def masterpid():
        return state.settings['masterPid']

    def log(message):
        report.write('%s\n' % message)
        return True

    def reload():
        state.channel.note('reload')
        return True

    def stop():
        state.channel.note('stop')
        return True

    def set_logvar(name, value):
        request = state.current_request()
        state.channel.note('logvar', stream=request.stream, name=_text(name), value=_text(value))

    return [worker_id, mypid, masterpid, log, reload, stop, set_logvar]


def _text(value):
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
