"""Texts that apps hand to the module `uwsgi`, as str or as bytes."""


def as_text(value):
    """A str of it; bytes that are no UTF-8 get replacement characters."""
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
