"""Frames between a vassal and its workers. The layout is described in packages/protocol/src/worker-frame.ts."""
from struct import Struct

REQUEST = 1
BODY = 2
WINDOW = 3
ABORT = 4
RETURN_SEEN = 5
STOP = 6
REPLY = 7
FILE_SEEN = 8
RING_READY = 9
SIGNAL = 12
MAIL = 13
RESPONSE = 16
PULL = 17
RETURN = 18
NOTE = 19
CALL = 20
MESSAGE = 21
RING = 22

REQUEST_BODY_FOLLOWS = 1
REQUEST_MORE_MAY_FOLLOW = 2
BODY_END = 1
BODY_BROKEN = 2
BODY_TIMED_OUT = 4
MAIL_TO_FARM = 1
MAIL_CONTINUES = 2
RESPONSE_HEAD = 1
RESPONSE_END = 2
RESPONSE_FAILED = 4
RESPONSE_FILE = 8
RESPONSE_FROM_FILE = 16
RESPONSE_DISCONNECT = 32
RESPONSE_IN_RING = 64
MESSAGE_BINARY = 1
MESSAGE_OVERHEAD_BYTES = 64

HEADER_LENGTH = 12
RESPONSE_PREFIX_LENGTH = 16

_HEADER = Struct('<IBBHI')
_RESPONSE = Struct('<IBBHIIIIHh')
_COUNT = Struct('<I')
_FILE = Struct('<IIQQ')
_RING_PART = Struct('<III')

unpack_header = _HEADER.unpack_from
unpack_count = _COUNT.unpack_from
pack_response = _RESPONSE.pack
pack_ring_part = _RING_PART.pack
"""The body of a RESPONSE with RESPONSE_IN_RING: where it begins, bytes, and what the ring counts behind it."""


def pack_file_body(descriptor, offset, size):
    """The body of a RESPONSE with RESPONSE_FILE."""
    return _FILE.pack(descriptor, 0, offset, size)


def pack_frame(kind, stream, payload=b'', flags=0):
    """A whole frame."""
    return _HEADER.pack(len(payload), kind, flags, 0, stream) + payload


def pack_count_frame(kind, stream, *counts):
    """A whole frame whose payload is a list of u32: PULL, RETURN."""
    return _HEADER.pack(4 * len(counts), kind, 0, 0, stream) + b''.join(map(_COUNT.pack, counts))
