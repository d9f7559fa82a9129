"""The functions of the module `uwsgi`: about the instance, about the current request, and between workers."""
import os
import time

from emperor_worker import process_name, report


def make(state):
    """All functions, working on `state`."""
    return _instance_functions(state) + _request_functions(state) + _lock_functions(state)


def _instance_functions(state):
    def worker_id():
        return state.worker_id

    def mypid():
        return os.getpid()

    def masterpid():
        return state.settings['masterPid']

    def workers():
        return tuple(map(_describe_worker, state.channel.calls.ask('workers') if state.channel else []))

    def total_requests():
        return state.channel.calls.ask('total_requests') if state.channel else 0

    def request_id():
        return state.channel.finished if state.channel else 0

    def listen_queue(_socket=0):
        return state.channel.calls.ask('listen_queue') if state.channel else 0

    def log(message):
        report.write('%s\n' % _text(message))
        return True

    def logsize():
        return 0

    def reload():
        state.channel.note('reload')
        return True

    def stop():
        state.channel.note('stop')
        return True

    def ready():
        return state.channel is not None

    def accepting():
        return None

    def micros():
        return int(time.time() * 1000000)

    def mem():
        page = os.sysconf('SC_PAGE_SIZE')
        try:
            with open('/proc/self/statm') as statm:
                size, resident = map(int, statm.read().split()[:2])
        except OSError:
            return (0, 0)
        return (resident * page, size * page)

    def setprocname(name):
        process_name.set_name(_text(name))

    def mule_id():
        return 0

    def i_am_the_spooler():
        return None

    def in_farm(_name=None):
        return None

    def suspend():
        """Yields to other requests in uWSGI's async modes; threads do so by themselves."""

    return [worker_id, mypid, masterpid, workers, total_requests, request_id, listen_queue, log, logsize, reload, stop,
            ready, accepting, micros, mem, setprocname, mule_id, i_am_the_spooler, in_farm, suspend]


def _request_functions(state):
    def set_logvar(name, value):
        request = state.current_request()
        request.log_variables[_text(name)] = _text(value)
        state.channel.note('logvar', stream=request.stream, name=_text(name), value=_text(value))

    def get_logvar(name):
        value = state.current_request().log_variables.get(_text(name))
        return None if value is None else value.encode()

    def log_this_request():
        return None

    def add_var(name, value):
        state.current_request().variables[_text(name)] = _text(value)
        return True

    def cl():
        return int(state.current_request().variables.get('CONTENT_LENGTH') or 0)

    def connection_fd():
        """The connection belongs to the vassal."""
        return -1

    def disconnect():
        state.current_request().disconnect()

    def is_connected(_descriptor=None):
        return not state.current_request().aborted

    def sendfile(path, offset=0, size=0):
        request = state.current_request()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        left = max(0, os.fstat(descriptor).st_size - offset)
        request.attach_file(descriptor, offset, min(size, left) if size else left)
        return True

    def chunked_read(_timeout=0):
        return state.current_request().read_chunk()

    def chunked_read_nb():
        return state.current_request().read_chunk()

    def set_user_harakiri(seconds):
        state.channel.note('harakiri', stream=state.current_request().stream, seconds=seconds)

    return [set_logvar, get_logvar, log_this_request, add_var, cl, connection_fd, disconnect, is_connected, sendfile,
            chunked_read, chunked_read_nb, set_user_harakiri]


def _lock_functions(state):
    def lock(number=0):
        state.board.lock(number)

    def unlock(number=0):
        state.board.unlock(number)

    def is_locked(number=0):
        return state.board.is_locked(number)

    return [lock, unlock, is_locked]


def _describe_worker(info):
    return {
        'id': info['id'],
        'pid': info['pid'],
        'requests': info['requests'],
        'delta_requests': info['deltaRequests'],
        'signals': 0,
        'exceptions': info['exceptions'],
        'status': info['status'].encode(),
        'rss': info['rssBytes'],
        'vsz': info['vszBytes'],
        'running_time': info['runningTimeUs'],
        'last_spawn': info['lastSpawn'],
        'respawn_count': info['respawnCount'],
        'tx': info['txBytes'],
        'avg_rt': info['averageUs'],
        'apps': tuple({
            'id': app['id'],
            'modifier1': 0,
            'mountpoint': app['mountpoint'].encode(),
            'startup_time': app['seconds'],
            'requests': app['requests'],
            'exceptions': app['exceptions'],
            'chdir': b'',
        } for app in info['apps']),
    }


def _text(value):
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
