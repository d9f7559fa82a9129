"""Jobs in a real uWSGI's spool directory: taken over into ours, so that people may change over with a full queue.

A spool file is a uwsgi packet and the body: modifier 17 (u8), size (u16), 0 (u8); then for each pair the length (u16) and
bytes of the key and of the value; the rest of the file is the body. Its directory may be a number: the priority. uWSGI
holds a lock on a file that it writes or works on.
"""
import fcntl
import os
import struct

FILE_PREFIX = 'uwsgi_spoolfile_on_'
MODIFIER = 17

_HEADER = struct.Struct('<BHB')
_LENGTH = struct.Struct('<H')


class SpoolFileError(Exception):
    """The file is none of uWSGI's, or not complete."""


def find(directory):
    """(path, priority) of each spool file; the priority is None for those of the directory itself."""
    for entry in os.scandir(directory):
        if entry.name.isdigit() and entry.is_dir(follow_symlinks=False):
            for inner in os.scandir(entry.path):
                if inner.name.startswith(FILE_PREFIX):
                    yield inner.path, int(entry.name)
        elif entry.name.startswith(FILE_PREFIX):
            yield entry.path, None


def take_over(store, path, priority):
    """Moves one file into the store. False when uWSGI works on it. SpoolFileError when it cannot be read."""
    with open(path, 'rb+') as spool_file:
        try:
            fcntl.lockf(spool_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        values, body = parse(spool_file.read())
        name = os.path.basename(path)
        # uWSGI also keeps the time before which a job must not run as the time of its file.
        due = max(_number(values.get(b'at')), os.fstat(spool_file.fileno()).st_mtime)
        if store.find(name) is None:  # else we were killed between these two lines
            store.settle(store.add(name, values, body or None, priority, due))
        os.unlink(path)
    return True


def parse(data):
    """The dict and the body of a spool file."""
    if len(data) < _HEADER.size:
        raise SpoolFileError('it has only %d bytes' % len(data))
    modifier, size, _ = _HEADER.unpack_from(data)
    end = _HEADER.size + size
    if modifier != MODIFIER or end > len(data):
        raise SpoolFileError('it is no spool file, or has been cut off')
    values = {}
    at = _HEADER.size
    while at < end:
        key, at = _text(data, at, end)
        value, at = _text(data, at, end)
        values[key] = value
    return values, data[end:]


def _text(data, at, end):
    start = at + _LENGTH.size
    if start > end:
        raise SpoolFileError('a length is cut off')
    stop = start + _LENGTH.unpack_from(data, at)[0]
    if stop > end:
        raise SpoolFileError('a text is cut off')
    return data[start:stop], stop


def _number(text):
    try:
        return int(text or 0)
    except ValueError:
        return 0
