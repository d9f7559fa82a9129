"""The topic elsewhere: what uWSGI has and this server has not, or has in another place.

The questions are answered as by a uWSGI that has nothing of the kind configured; what would have to act says why not.
"""
import os

from emperor_worker import report
from emperor_worker.api.text import as_text


def functions(_state):
    def i_am_the_lord(_legion):
        """Legions are not supported."""
        return False

    def lord_scroll(_legion):
        return None

    def scrolls(_legion):
        return None

    def alarm(name, message):
        report.write('alarm "%s": %s (alarms are not supported: watch the log, or the metrics)\n'
                     % (as_text(name), as_text(message)))

    def set_warning_message(message):
        report.write('*** WARNING: %s ***\n' % as_text(message))
        return True

    def route(action, arguments=''):
        raise RuntimeError('uwsgi.route("%s", "%s"): the actions of routes run in the vassal, before the app: '
                           'write a rule (option route)' % (as_text(action), as_text(arguments)))

    return [i_am_the_lord, lord_scroll, scrolls, alarm, set_warning_message, route]


def computed(state):
    return {'magic_table': lambda: _magic_table(state.settings, state.started_micros)}


def _magic_table(settings, started_micros):
    """Values of the variables such as %v that configuration files may use."""
    from grp import getgrgid
    from pwd import getpwuid

    return {name.encode(): str(value).encode() for name, value in {
        'v': os.getcwd(), 'h': settings['nodeName'], 'k': os.cpu_count(), 'V': settings['version'],
        't': started_micros // 1000000, 'T': started_micros,
        **settings['magicVariables'],
        'u': os.getuid(), 'U': _name(getpwuid, os.getuid()), 'g': os.getgid(), 'G': _name(getgrgid, os.getgid()),
        '%': '%', '[': '\x1b', '(': '%(',
    }.items()}


def _name(look_up, number):
    try:
        return look_up(number)[0]
    except KeyError:
        return number
