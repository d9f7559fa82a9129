"""`py-tracebacker`: who connects to a worker's UNIX socket reads what each of its threads is doing."""
import os
import sys
import threading
from _thread import start_new_thread
from traceback import extract_stack

from emperor_worker import report

BACKLOG = 10


def start(path, worker_id):
    """Listens at `path` with the number of the worker behind it, in a thread of its own."""
    from socket import AF_UNIX, socket

    address = '%s%d' % (path, worker_id)
    listener = socket(AF_UNIX)
    try:
        if os.path.exists(address):
            os.unlink(address)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        report.write('cannot listen for py-tracebacker at "%s": %s\n' % (address, error.strerror))
        return
    report.write('python tracebacker for worker %d available on %s\n' % (worker_id, address))
    start_new_thread(_serve, (listener,))


def _serve(listener):
    while True:
        client, _ = listener.accept()
        try:
            client.settimeout(4)
            client.sendall(_describe_threads().encode('utf-8', 'replace'))
        except OSError:  # it did not wait for the answer
            pass
        client.close()


def _describe_threads():
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = ['*** uWSGI Python tracebacker output ***\n']
    for ident, frame in sys._current_frames().items():
        stack = [entry for entry in extract_stack(frame) if not report.is_own(entry.filename)]
        if not stack:  # one that waits for a request
            continue
        lines.extend('thread_id = %s filename = %s lineno = %d function = %s line = %s' % (
            names.get(ident, '<UnnamedPythonThread>'), entry.filename, entry.lineno, entry.name, entry.line)
            for entry in stack)
        lines.append('')
    return '\n'.join(lines)
