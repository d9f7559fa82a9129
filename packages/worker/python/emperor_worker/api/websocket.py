"""The topic websocket: conversations with a browser over the connection of a request."""
from emperor_worker import frames


def functions(state):
    def websocket_handshake(key=None, origin=None, protocol=None):
        from emperor_worker.websocket import open_websocket  # it needs base64 and hashlib

        open_websocket(state.current_request(), state.channel.calls, _latin1(key), _latin1(origin), _latin1(protocol))

    def websocket_recv(*_request_context):
        return _conversation(state.current_request()).receive()

    def websocket_recv_nb(*_request_context):
        return _conversation(state.current_request()).receive_now()

    def websocket_send(message, *_request_context):
        _conversation(state.current_request()).send(_utf8(message), 0)

    def websocket_send_binary(message, *_request_context):
        _conversation(state.current_request()).send(_utf8(message), frames.MESSAGE_BINARY)

    return [websocket_handshake, websocket_recv, websocket_recv_nb, websocket_send, websocket_send_binary]


def _conversation(request):
    if not request.is_websocket:
        raise OSError('there is no websocket: call uwsgi.websocket_handshake() first')
    return request.input


def _latin1(value):
    return value.decode('latin-1') if isinstance(value, bytes) else value


def _utf8(message):
    """The bytes of a message. TypeError for what has none."""
    return message.encode() if isinstance(message, str) else bytes(memoryview(message))
