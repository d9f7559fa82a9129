"""The topic instance: the vassal, its workers and its configuration."""
import sys


def functions(state):
    def masterpid():
        return state.settings['masterPid']

    def workers():
        return tuple(_describe_worker(info, state.apps) for info in (state.ask('workers') if state.channel else []))

    def total_requests():
        return state.ask('total_requests') if state.channel else 0

    def request_id():
        return state.channel.finished if state.channel else 0

    def listen_queue(_socket=0):
        return state.ask('listen_queue') if state.channel else 0

    def logsize():
        return 0

    def reload():
        state.note('reload')
        return True

    def stop():
        state.note('stop')
        return True

    def ready():
        return state.channel is not None

    def accepting():
        return None

    return [masterpid, workers, total_requests, request_id, listen_queue, logsize, reload, stop, ready, accepting]


def constants(state):
    settings = state.settings
    version = settings['version']
    release, _, suffix = version.partition('-')
    numbers = [int(number) for number in release.split('.')[:4]]
    return {
        'version': version.encode(),
        'version_info': tuple(numbers + [0] * (4 - len(numbers)) + [suffix.encode()]),
        'hostname': settings['nodeName'].encode(),
        'opt': {key: _option_value(value) for key, value in settings['options'].items()},
        'numproc': settings['processes'],
        'cores': settings['threads'],
        'has_threads': int(settings['threads'] > 1),
        'buffer_size': settings['bufferBytes'],
        'started_on': state.started_micros // 1000000,
        'is_a_reload': settings['isReload'],
        'applications': None,
        'loop': None,
        'unbit': None,
        'sockets': [],
        'SPOOL_OK': -2,
        'SPOOL_RETRY': -1,
        'SPOOL_IGNORE': 0,
    }


def _option_value(value):
    if isinstance(value, list):
        return [_option_value(item) for item in value]
    return value if isinstance(value, bool) else value.encode()


def _describe_worker(info, own_apps):
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
            'interpreter': id(sys.modules),
            'callable': id(own_apps[app['id']].function) if app['id'] < len(own_apps) else 0,
            'requests': app['requests'],
            'exceptions': app['exceptions'],
            'chdir': b'',
        } for app in info['apps']),
    }
