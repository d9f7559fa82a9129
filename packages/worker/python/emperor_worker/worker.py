"""A worker: the process that runs requests. Made by the zygote's fork; ends when its channel does."""
import _signal as signal
import faulthandler
import os
import sys
from _socket import socket as Socket
from _thread import get_ident

from emperor_worker import apps, process_name, report, wsgi
from emperor_worker.answer import ChannelClosed
from emperor_worker.channel import Channel
from emperor_worker.guard import Guard

EXIT_NEED_APP = 22
"""uWSGI's code for `need-app` without an app."""


def run_worker(descriptor, worker_id, settings, loaded_apps, module_state, progress):
    """The whole life of a worker process. Does not return."""
    status = 1
    try:
        status = _Worker(descriptor, worker_id, settings, loaded_apps, module_state, progress).run()
    except BaseException as error:
        report.report(error)
    finally:
        behaviour = settings['behaviour']
        leave(status, not (behaviour['skipsExitHook'] or behaviour['skipsTeardown']))


class _Worker:
    def __init__(self, descriptor, worker_id, settings, loaded_apps, module_state, progress):
        self._settings = settings
        self._apps = loaded_apps
        self._channel = Channel(Socket(fileno=descriptor), settings['threads'])
        self._channel.guard = Guard(self._channel)
        self._module_state = module_state
        self._progress = progress
        module_state.enter_worker(worker_id, self._channel)

    def run(self):
        """Returns the exit status."""
        channel = self._channel
        owner = os.getpid()
        os.register_at_fork(after_in_child=lambda: os.getpid() == owner or channel.forget())
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        faulthandler.register(signal.SIGUSR2, file=2, all_threads=True)  # what the vassal asks for before it kills
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._wish_to_leave)
        if self._settings['workerName']:
            process_name.set_name(self._settings['workerName'].replace('%d', str(self._module_state.worker_id)))
        if self._settings['cpuAffinity']:
            self._bind_to_processors(self._settings['cpuAffinity'])
        try:
            self._module_state.run_post_fork_hook()
            if self._settings['lazyApps']:
                self._load_apps()
                if not self._apps and self._settings['needApp']:
                    return EXIT_NEED_APP
            if self._settings['behaviour']['tracebackerPath']:
                from emperor_worker import tracebacker  # it needs threading and socket

                tracebacker.start(self._settings['behaviour']['tracebackerPath'], self._module_state.worker_id)
            channel.note('ready', pid=os.getpid())
            channel.guard.start()
            if self._settings['autoReloadSeconds']:
                from emperor_worker import autoreload  # only who develops needs it

                autoreload.start(self._settings['autoReloadSeconds'], self._settings['autoReloadIgnore'], channel)
            self._run_threads()
            channel.flush()
            channel.wait_for_files()
            if not self._settings['behaviour']['skipsExitHook']:
                self._module_state.run_exit_hook()
        except ChannelClosed:
            pass
        return 0

    def _bind_to_processors(self, count):
        """`cpu-affinity`: each worker gets the next `count` processors, round and round."""
        available = sorted(os.sched_getaffinity(0))
        first = (self._module_state.worker_id - 1) * count
        chosen = {available[(first + index) % len(available)] for index in range(min(count, len(available)))}
        os.sched_setaffinity(0, chosen)

    def _load_apps(self):
        self._apps, failed = apps.load_apps(self._settings)
        self._channel.note('apps', pid=os.getpid(), apps=[app.describe() for app in self._apps], failed=failed)

    def _wish_to_leave(self, _number, _frame):
        """SIGTERM, SIGINT or SIGHUP: the vassal ends this worker in order, and starts another one if it needs it."""
        self._channel.note_from_signal('leave')

    def _run_threads(self):
        count = self._settings['threads']
        self._module_state.apps = self._apps
        serve = wsgi.make_server(self._settings, self._apps, self._channel)
        if count == 1:
            self._serve(serve, 0)
            return
        import threading

        if self._settings['behaviour']['threadStackBytes']:
            threading.stack_size(self._settings['behaviour']['threadStackBytes'])
        threads = []
        for core in range(1, count):
            name = 'uWSGIWorker%dCore%d' % (self._module_state.worker_id, core)
            threads.append(threading.Thread(target=self._serve, args=(serve, core), name=name, daemon=True))
        for thread in threads:
            thread.start()
        self._serve(serve, 0)
        for thread in threads:
            thread.join()

    def _handle_signal(self, task, core):
        self._channel.running[core] = task
        task.run(self._module_state.signals)
        self._channel.running[core] = None
        self._channel.note('signalled')

    def _serve(self, serve, core):
        channel = self._channel
        progress = self._progress
        begun = 2 * core
        is_running = begun + 1
        self._module_state.core_of_thread[get_ident()] = core
        try:
            while True:
                request = channel.take()
                if request is None:
                    return
                if not request.stream:
                    self._handle_signal(request, core)
                    continue
                progress[begun] = request.stream
                progress[is_running] = 1
                request.core = core
                channel.running[core] = request
                serve(request)
                progress[is_running] = 0
                channel.running[core] = None
                if request.readiness is not None:
                    request.readiness.close()
                del channel.streams[request.stream]
                channel.finished += 1
        except ChannelClosed:
            if core == 0:
                raise


def leave(status, runs_exit_functions=True):
    """Ends the process as an interpreter would, without running what belongs to the zygote's stack."""
    if runs_exit_functions:
        import atexit

        try:
            atexit._run_exitfuncs()
        except BaseException as error:
            report.report(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(status)
