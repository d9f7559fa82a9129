"""The topic descriptors: connections of the app's own, and waiting for them.

uWSGI has these for its asynchronous modes. Here a thread just waits, as others go on.
"""
import os
import select
import time

from emperor_worker.api.text import as_text

TIMED_OUT = 'x-wsgiorg.fdevent.timeout'
NO_CLIENT = ('the connection of a request belongs to the vassal: return or write() an answer, read wsgi.input, '
             'or give a descriptor of uwsgi.connect()')


def functions(state):
    def connect(address, timeout=3):
        """A connected socket's descriptor; -1 if nobody answers."""
        return _connect(as_text(address), timeout)

    def async_connect(address):
        return _connect(as_text(address), 3)

    def close(descriptor):
        try:
            os.close(descriptor)
        except OSError:
            pass

    def send(*arguments):
        """`send(descriptor, data)`: True, or None when it cannot be sent."""
        if len(arguments) < 2:
            raise ValueError(NO_CLIENT)
        descriptor, data = arguments
        view = memoryview(data.encode() if isinstance(data, str) else data)
        try:
            while view:
                view = view[os.write(descriptor, view):]
        except OSError:
            return None
        return True

    def recv(*arguments):
        """`recv(descriptor, size)`: None when nothing can be read."""
        if len(arguments) < 2:
            raise ValueError(NO_CLIENT)
        try:
            return os.read(*arguments)
        except OSError:
            return None

    def wait_fd_read(descriptor, timeout=0):
        return wait(descriptor, select.POLLIN, timeout)

    def wait_fd_write(descriptor, timeout=0):
        return wait(descriptor, select.POLLOUT, timeout)

    def wait(descriptor, events, timeout):
        poll = select.poll()
        poll.register(descriptor, events)
        is_ready = bool(poll.poll(timeout * 1000 if timeout > 0 else None))
        state.current_request().variables[TIMED_OUT] = not is_ready
        return b''

    def async_sleep(seconds):
        time.sleep(seconds)
        return b''

    def suspend():
        time.sleep(0)
        return True

    def green_schedule():
        time.sleep(0)
        return True

    def ready_fd():
        return -1

    return [connect, async_connect, close, send, recv, wait_fd_read, wait_fd_write, async_sleep, suspend,
            green_schedule, ready_fd]


def _connect(address, timeout_seconds):
    import socket

    host, colon, port = address.rpartition(':')
    try:
        if colon and port.isdigit():
            connection = socket.create_connection((host or '127.0.0.1', int(port)), timeout_seconds)
        else:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(timeout_seconds)
            connection.connect('\0' + address[1:] if address.startswith('@') else address)
    except OSError:
        return -1
    connection.setblocking(True)
    return connection.detach()
