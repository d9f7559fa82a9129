"""The control channel between the vassal and the zygote: JSON objects, one a line.

A line may bring a descriptor along (SCM_RIGHTS).
"""
import sys
from _collections import deque
from _socket import SCM_RIGHTS, SOL_SOCKET, socket as Socket

from emperor_worker import wire_json

RECEIVE_BYTES = 65536
DESCRIPTOR_BYTES = 4


class ControlChannel:
    """The zygote's end."""

    def __init__(self, descriptor):
        self._sock = Socket(fileno=descriptor)
        self._partial = b''
        self._messages = deque()
        self._descriptors = deque()

    def fileno(self):
        return self._sock.fileno()

    def send(self, kind, **fields):
        fields['type'] = kind
        self._sock.sendall(wire_json.encode(fields) + b'\n')

    def receive(self):
        """The next message, or None at the end of the channel. Waits."""
        while not self._messages:
            data, ancillary, _, _ = self._sock.recvmsg(RECEIVE_BYTES, 1024)
            for level, kind, content in ancillary:
                if level == SOL_SOCKET and kind == SCM_RIGHTS:
                    self._descriptors.extend(_read_descriptors(content))
            if not data:
                return None
            lines = (self._partial + data).split(b'\n')
            self._partial = lines.pop()
            self._messages.extend(map(wire_json.decode, lines))
        return self._messages.popleft()

    @property
    def has_messages(self):
        """Whether `receive` returns at once."""
        return bool(self._messages)

    def take_descriptor(self):
        """The descriptor that came with the message received last."""
        return self._descriptors.popleft()

    def close(self):
        self._sock.close()


def _read_descriptors(content):
    starts = range(0, len(content), DESCRIPTOR_BYTES)
    return [int.from_bytes(content[start:start + DESCRIPTOR_BYTES], sys.byteorder) for start in starts]
