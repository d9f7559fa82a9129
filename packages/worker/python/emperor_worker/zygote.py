"""The zygote: imports the app once and forks the workers, which share its memory and start in milliseconds.

Started by the vassal with three inherited descriptors: the control channel, the lifeline, and the progress board. It is
single-threaded and does nothing but wait for orders and for the ends of its workers.
"""
import gc
import _signal as signal
import os
import select
import stat
import sys
from importlib import import_module
from _socket import socket as Socket

from emperor_worker import api, apps, lifeline, privileges, process_name, report
from emperor_worker.control import ControlChannel
from emperor_worker.progress import Board
from emperor_worker.worker import run_worker

CONTROL_DESCRIPTOR = 3
LIFELINE_DESCRIPTOR = 4
BOARD_DESCRIPTOR = 5
EXIT_NO_DIRECTORY = 1

YOUNG_GENERATIONS = 1
"""What the import left behind lately is collected before the fork. All of the app's objects are too many to look at for that."""

PROGRAM_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

MODULES_DIRECTORY = os.path.join(PROGRAM_DIRECTORY, 'modules')
"""Modules for apps, such as uwsgidecorators. Last on the path: what people have installed goes first."""


def main():
    lifeline.attach(LIFELINE_DESCRIPTOR)
    for descriptor in (CONTROL_DESCRIPTOR, BOARD_DESCRIPTOR):
        os.set_inheritable(descriptor, False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _ignore_signal)
    control = ControlChannel(CONTROL_DESCRIPTOR)
    settings = control.receive()
    if settings is not None:
        _Zygote(control, settings).run()
    os._exit(0)


def _ignore_signal(_number, _frame):
    """Ends come over the control channel. A handler, not SIG_IGN: what the app starts must not inherit the deafness."""


class _Zygote:
    def __init__(self, control, settings):
        self._control = control
        self._settings = settings
        self._apps = []
        self._serials = {}
        self._board = Board(BOARD_DESCRIPTOR)
        self._module_state = api.install(settings, self._board)
        self._pythonpath = []

    def run(self):
        self._prepare_interpreter()
        privileges.drop(self._settings['privileges'], 'init')
        self._control.send('hello', pid=os.getpid(), version=sys.version.replace('\n', ''),
                           implementation=sys.implementation.name, prefix=sys.prefix,
                           pythonpath=self._pythonpath)
        wakeup, wakeup_write = os.pipe()
        os.set_blocking(wakeup, False)
        os.set_blocking(wakeup_write, False)
        poll = select.poll()
        poll.register(self._control.fileno(), select.POLLIN)
        poll.register(wakeup, select.POLLIN)
        self._wakeup = (wakeup, wakeup_write)
        while True:
            if not self._control.has_messages:
                poll.poll()
                self._collect_dead(wakeup)
                if not self._has_input(poll):
                    continue
            message = self._control.receive()
            if message is None:
                return
            if message['type'] == 'load':
                self._load()
            elif message['type'] == 'end':
                lifeline.detach(LIFELINE_DESCRIPTOR)
                return
            elif message['type'] == 'fork':
                self._fork(message, self._control.take_descriptor())

    def _has_input(self, poll):
        return any(descriptor == self._control.fileno() for descriptor, _ in poll.poll(0))

    def _prepare_interpreter(self):
        if self._settings['jail']:
            from emperor_worker import jail  # few have one

            jail.enter(self._settings['jail'], [PROGRAM_DIRECTORY, MODULES_DIRECTORY])
        if self._settings['limitAsBytes']:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (self._settings['limitAsBytes'],) * 2)
        sys.argv = ['uwsgi'] + self._settings['pyargv']
        sys.path.append(MODULES_DIRECTORY)
        sys.path.insert(0, '.')
        for pattern in self._settings['pythonpath']:
            for path in _expand(pattern):
                if os.path.isdir(path) and not path.endswith('/'):
                    path += '/'
                self._pythonpath.append(path)
                sys.path.insert(0, path)
        if self._settings['zygoteName']:
            process_name.set_name(self._settings['zygoteName'])
        if hasattr(sys.stdout, 'reconfigure'):
            sys.stdout.reconfigure(line_buffering=True)
        if self._settings['behaviour']['executable']:
            sys.executable = self._settings['behaviour']['executable']

    def _load(self):
        failed = []
        behaviour = self._settings['behaviour']
        report.prefix_lines(**behaviour['linePrefix'])
        apps.import_shared(behaviour['sharedImports'])
        if not self._settings['lazyApps']:
            self._apps, failed = apps.load_apps(self._settings)
        if behaviour['directoryAfterLoad']:
            self._change_directory(behaviour['directoryAfterLoad'])
        privileges.drop(self._settings['privileges'], 'apps')
        signal.signal(signal.SIGCHLD, _ignore_signal)
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)
        gc.collect(YOUNG_GENERATIONS)
        if hasattr(gc, 'freeze'):  # PyPy's collector needs no help
            gc.freeze()
        self._control.send('loaded', apps=[app.describe() for app in self._apps], failed=failed,
                           threads=_foreign_threads(), sockets=_foreign_sockets(), calls=self._module_state.deferred_calls)

    def _change_directory(self, directory):
        report.write('chdir() to %s\n' % directory)
        try:
            os.chdir(directory)
        except OSError as error:
            report.write('cannot chdir2 to "%s" (in %s): %s. Make the directory, or correct the option\n'
                         % (directory, os.getcwd(), error.strerror))
            os._exit(EXIT_NO_DIRECTORY)  # an app that works in another one than it is told to would write anywhere

    def _fork(self, order, descriptor):
        serial = order['serial']
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            self._control.send('notForked', serial=serial, reason=str(error))
            return
        if pid == 0:
            self._become(order['role'], order['task'], descriptor)
        os.close(descriptor)
        self._serials[pid] = serial
        self._control.send('forked', serial=serial, pid=pid)

    def _become(self, role, task, descriptor):
        """The new process: its role is a module of this package, with a function `run`. Does not return."""
        signal.set_wakeup_fd(-1)
        self._control.close()
        for end in self._wakeup:
            os.close(end)
        os.set_inheritable(descriptor, False)
        privileges.drop(self._settings['privileges'], 'fork')
        if role == 'worker':
            progress = self._board.region(task['board'], self._settings['threads'])
            run_worker(descriptor, task['worker'], self._settings, self._apps, self._module_state, progress)
        import_module('emperor_worker.' + role).run(descriptor, task, self._settings, self._module_state)

    def _collect_dead(self, wakeup):
        try:
            while os.read(wakeup, 512):
                pass
        except BlockingIOError:
            pass
        for pid in list(self._serials):  # never pid -1: children of the app's own are not ours to collect
            dead, status = os.waitpid(pid, os.WNOHANG)
            if dead:
                serial = self._serials.pop(pid)
                killed = os.WIFSIGNALED(status)
                self._control.send('exited', serial=serial, pid=pid,
                                   signal=os.WTERMSIG(status) if killed else 0,
                                   status=0 if killed else os.WEXITSTATUS(status))


def _expand(pattern):
    if not any(mark in pattern for mark in '*?['):
        return [pattern]
    import glob  # it needs regular expressions, which the app may not

    return sorted(glob.glob(pattern)) or [pattern]


def _foreign_threads():
    """Names of threads the app has started; they do not survive a fork."""
    threading = sys.modules.get('threading')
    if threading is None:
        return []
    return [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]


def _foreign_sockets():
    """Where the sockets lead that the app has opened; all workers would share each of them."""
    peers = []
    for name in sorted(os.listdir('/proc/self/fd') if os.path.isdir('/proc/self/fd') else [], key=int):
        descriptor = int(name)
        try:
            if descriptor > BOARD_DESCRIPTOR and stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                peers.append(_peer(descriptor))
        except OSError:  # the one that listdir itself had open
            pass
    return peers


def _peer(descriptor):
    sock = Socket(fileno=os.dup(descriptor))
    try:
        peer = sock.getpeername()
        if isinstance(peer, tuple):
            return '%s:%d' % peer[:2]
        # A socket pair's have no names.
        return str(peer) or 'descriptor %d' % descriptor
    except OSError:
        return 'descriptor %d' % descriptor
    finally:
        sock.close()
