"""What caches keep: bytes, and numbers as eight bytes of them."""
import struct

_NUMBER = struct.Struct('<q')


def as_bytes(value):
    """Of a str, in UTF-8, or of anything like bytes. TypeError for anything else, in Python's words."""
    if isinstance(value, str):
        return value.encode()
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError("a bytes-like object is required, not '%s'" % type(value).__name__) from None


def decode_number(value):
    """None for what is no number."""
    return _NUMBER.unpack(value)[0] if len(value) == _NUMBER.size else None


def encode_number(number):
    """Wraps around at 64 bits, as C does."""
    return _NUMBER.pack((number + (1 << 63)) % (1 << 64) - (1 << 63))


def divide(number, divisor):
    """Cut towards zero, as C does; division by zero gives 0, as uWSGI does."""
    if divisor == 0:
        return 0
    quotient = abs(number) // abs(divisor)
    return quotient if (number < 0) == (divisor < 0) else -quotient


class Limits:
    """What a cache takes at all."""

    def __init__(self, definition):
        self._key_bytes = definition['keyBytes']
        self._block_bytes = definition['blockBytes']
        self._value_bytes = self._block_bytes * (definition['blocks'] if definition['usesSeveralBlocks'] else 1)

    def allow(self, key, value):
        """Neither may be empty, as in uWSGI."""
        return 0 < len(key) <= self._key_bytes and 0 < len(value) <= self._value_bytes

    def blocks_of(self, value):
        return -(-len(value) // self._block_bytes)
