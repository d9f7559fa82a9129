"""Texts that apps hand to the module `uwsgi`, as str or as bytes."""
from binascii import b2a_base64


def as_text(value):
    """A str of it; bytes that are no UTF-8 get replacement characters."""
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)


def in_base64(value):
    """What a text or bytes are for the vassal. TypeError for what is neither, such as a number."""
    return b2a_base64(value.encode() if isinstance(value, str) else value, newline=False).decode()
