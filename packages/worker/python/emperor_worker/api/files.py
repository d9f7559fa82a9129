"""The topic files: files as answers, and uWSGI's ways of reading some."""
import os
from struct import Struct

from emperor_worker.api.text import as_text

_PACKET_HEADER = Struct('<BHB')
_LENGTH = Struct('<H')


def functions(state):
    def sendfile(path, offset=0, size=0):
        request = state.current_request()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        left = max(0, os.fstat(descriptor).st_size - offset)
        request.attach_file(descriptor, offset, min(size, left) if size else left)
        return True

    def offload(path, size=0):
        sendfile(path, 0, size)
        return b''

    def extract(location):
        """The content of a file, or of what `exec://COMMAND`, `http://…` or `fd://N` gives."""
        return _extract(as_text(location))

    def parsefile(path):
        """The variables of a file in the format of the uwsgi protocol, as the spooler writes them; None if it is none."""
        try:
            with open(path, 'rb') as packet:
                return _parse_packet(packet.read())
        except OSError:
            return None

    def embedded_data(name):
        raise ValueError('there is no "%s": nothing is embedded in this server' % as_text(name))

    return [sendfile, offload, extract, parsefile, embedded_data]


def _extract(location):
    scheme, mark, rest = location.partition('://')
    if mark and scheme == 'exec':
        import subprocess

        return subprocess.run(rest, shell=True, stdout=subprocess.PIPE, check=True).stdout
    if mark and scheme in ('http', 'https'):
        from urllib.request import urlopen

        with urlopen(location) as answer:
            return answer.read()
    if mark and scheme == 'fd':
        with open(int(rest), 'rb', closefd=False) as file:
            return file.read()
    if mark:
        raise ValueError('uwsgi.extract cannot read "%s": it knows files, exec://, http://, https:// and fd://' % location)
    with open(location, 'rb') as file:
        return file.read()


def _parse_packet(data):
    if len(data) < _PACKET_HEADER.size:
        return None
    _, size, _ = _PACKET_HEADER.unpack_from(data)
    end = _PACKET_HEADER.size + size
    if end > len(data):
        return None
    parts = []
    at = _PACKET_HEADER.size
    while at + _LENGTH.size <= end:
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(data, at)[0]
        parts.append(data[start:at])
    if at != end or len(parts) % 2:
        return None
    return {name.decode('latin-1'): value for name, value in zip(parts[::2], parts[1::2])}
