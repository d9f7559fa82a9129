"""PEP 3333's wsgi.file_wrapper."""
import os
from stat import S_ISREG


class FileWrapper:
    """An iterator over blocks of a file-like object. What is a file on disk is sent by the vassal instead."""

    def __init__(self, filelike, block_size=65536):
        self.filelike = filelike
        self.block_size = block_size
        if hasattr(filelike, 'close'):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        block = self.filelike.read(self.block_size)
        if not block:
            raise StopIteration
        return block

    def open_regular_file(self):
        """(descriptor of our own, offset, bytes) of what is left to read, or None when it is no regular file."""
        try:
            descriptor = self.filelike.fileno()
            offset = self.filelike.tell()
            status = os.fstat(descriptor)
        except (AttributeError, OSError, ValueError):
            return None
        if not S_ISREG(status.st_mode):
            return None
        return os.dup(descriptor), offset, max(0, status.st_size - offset)
