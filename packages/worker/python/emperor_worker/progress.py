"""What each thread runs, in memory shared with the vassal, which reads it when this process is gone or stuck."""
import mmap

THREAD_WORDS = 2


class Board:
    """The whole board, mapped by the zygote and inherited by its workers."""

    def __init__(self, descriptor):
        self._words = memoryview(mmap.mmap(descriptor, 0)).cast('I')

    def region(self, offset, thread_count):
        """The words of one worker, cleared: per thread the stream begun last, and 1 while it runs."""
        start = offset // self._words.itemsize
        words = self._words[start:start + THREAD_WORDS * thread_count]
        for index in range(len(words)):
            words[index] = 0
        return words
