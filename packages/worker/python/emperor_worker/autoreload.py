"""`py-autoreload`: asks for a reload when the file of a loaded module changes. For development."""
import os
import sys
from _thread import start_new_thread
from time import sleep

from emperor_worker import report
from emperor_worker.answer import ChannelClosed


def start(seconds, ignored, channel):
    """Looks every so many seconds, in a thread of its own."""
    start_new_thread(_watch, (seconds, frozenset(ignored), channel))


def _watch(seconds, ignored, channel):
    known = {}
    try:
        while True:
            for path in _changed(known, ignored):
                report.write('[uwsgi-python-reloader] module/file %s has been modified\n' % path)
                channel.note('reload')
                break
            sleep(seconds)
    except ChannelClosed:
        pass


def _changed(known, ignored):
    """Files that are not as they were at the last look, which is remembered in `known`."""
    changed = []
    for name, module in list(sys.modules.items()):
        path = getattr(module, '__file__', None)
        if not path or name in ignored or name.startswith('emperor_worker'):
            continue
        try:
            modified = os.stat(path).st_mtime_ns
        except OSError:  # in an archive, or being replaced just now
            continue
        if known.setdefault(path, modified) != modified:
            known[path] = modified
            changed.append(path)
    return changed
