"""Questions of the app that only the vassal can answer, such as uwsgi.workers()."""
from itertools import count

from emperor_worker import frames, wire_json


class CallError(Exception):
    """The vassal refused, and says why."""


class _Call:
    """One question; the thread that asks waits on it."""

    def __init__(self):
        self.wake = None
        self.reply = None

    def is_answered(self):
        return self.reply is not None


class Calls:
    """The questions of one worker that are not answered yet."""

    def __init__(self, channel):
        self._channel = channel
        self._numbers = count(1)
        self._open = {}

    def ask(self, name, *args):
        """Waits for the answer. Any thread may ask."""
        call = _Call()
        number = next(self._numbers)
        self._open[number] = call
        payload = wire_json.encode({'id': number, 'name': name, 'args': args})
        self._channel.add_now(frames.pack_frame(frames.CALL, 0, payload))
        self._channel.wait(call, call.is_answered)
        if 'error' in call.reply:
            raise CallError(call.reply['error'])
        return call.reply['value']

    def take_reply(self, reply):
        """Called by the reading thread."""
        call = self._open.pop(reply['id'], None)
        if call is not None:
            call.reply = reply
