"""The topic request: about the request that the calling thread runs."""
import os

from emperor_worker.api.text import as_text


def functions(state):
    def set_logvar(name, value):
        request = state.current_request()
        request.log_variables[as_text(name)] = as_text(value)
        state.channel.note('logvar', stream=request.stream, name=as_text(name), value=as_text(value))

    def get_logvar(name):
        value = state.current_request().log_variables.get(as_text(name))
        return None if value is None else value.encode()

    def log_this_request():
        return None

    def add_var(name, value):
        state.current_request().variables[as_text(name)] = as_text(value)
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
