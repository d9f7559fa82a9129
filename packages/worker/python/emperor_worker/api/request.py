"""The topic request: about the request that the calling thread runs."""
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
        state.channel.note('logRequest', stream=state.current_request().stream)

    def add_var(name, value):
        state.current_request().variables[as_text(name)] = as_text(value)
        return True

    def cl():
        return int(state.current_request().variables.get('CONTENT_LENGTH') or 0)

    def connection_fd():
        return state.current_request().connection_descriptor()

    def is_connected(_descriptor=None):
        state.channel.poll()
        return not state.current_request().aborted

    def disconnect():
        state.current_request().disconnect()

    def chunked_read(timeout=0):
        return state.current_request().read_chunk(True, timeout)

    def chunked_read_nb():
        return state.current_request().read_chunk(False, 0)

    def set_user_harakiri(seconds):
        state.channel.note('harakiri', stream=state.current_request().stream, seconds=seconds)

    return [set_logvar, get_logvar, log_this_request, add_var, cl, connection_fd, is_connected, disconnect,
            chunked_read, chunked_read_nb, set_user_harakiri]


def computed(state):
    """As of uWSGI: the environ and the start_response of the current request."""
    return {
        'env': lambda: state.current_request().variables,
        'start_response': lambda: state.current_request().start_response,
    }
