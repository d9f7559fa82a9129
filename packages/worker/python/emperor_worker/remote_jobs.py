"""The jobs of a queue on a Redis or Valkey, as the desk of `uwsgi.spool` sees them: the vassal keeps them there, in a queue of BullMQ's.

A process that the vassal cannot be asked from cannot hand in such jobs: one that imports the app, and those the app forks.
"""
from base64 import b64decode, b64encode

from emperor_worker.answer import ChannelClosed
from emperor_worker.calls import CallError


BODY_PIECE_BYTES = 1 << 20
"""A body leaves in pieces of this size: all of it as one would be too much for the vassal."""


class RemoteJobsError(Exception):
    """The server cannot be reached, or refuses."""


class RemoteJobs:
    """The queue of one server: what `JobStore` is for a directory."""

    Error = RemoteJobsError

    def __init__(self, url, state):
        self._url = url
        self._state = state

    def close(self):
        """There is nothing of this process's own."""

    def add(self, name, values, body, priority, due):
        """A job that is accepted when `settle` has returned for what this returns."""
        job = {'name': name, 'due': due, 'vars': [[encode(key), encode(value)] for key, value in values.items()]}
        if body is not None:
            job['bodyBytes'] = len(body)
        if priority is not None:
            job['priority'] = priority
        return job, body

    def settle(self, added):
        """The server has the job when this returns. How safe it is there against a power failure, the server decides."""
        job, body = added
        for at in range(0, len(body or b''), BODY_PIECE_BYTES):
            self._ask('spool_body', job['name'], encode(body[at:at + BODY_PIECE_BYTES]))
        self._ask('spool_remotely', job)

    def names(self):
        """Names and priorities of the jobs that are not done and not given up, in their order."""
        return [tuple(job) for job in self._ask('remote_jobs')]

    def find(self, name):
        """The keys and values of a job, and its body; None when there is no such job."""
        job = self._ask('remote_job', name)
        return None if job is None else (decode_vars(job['vars']), self._body(name, job))

    def _body(self, name, job):
        if 'bodyBytes' not in job:
            return None
        body = bytearray()
        while len(body) < job['bodyBytes']:
            piece = b64decode(self._ask('remote_body', name, len(body)))
            if not piece:  # it has been done meanwhile
                break
            body += piece
        return bytes(body)

    def _ask(self, question, *args):
        try:
            return self._state.ask(question, self._url, *args)
        except (CallError, ChannelClosed) as error:
            raise RemoteJobsError(str(error) or 'this process is not one of the instance, it was started by the app') from error


def encode(value):
    """Bytes as the vassal takes them."""
    return b64encode(value).decode()


def decode_vars(pairs):
    """Keys and values of what the vassal tells of a job."""
    return {b64decode(key): b64decode(value) for key, value in pairs}
