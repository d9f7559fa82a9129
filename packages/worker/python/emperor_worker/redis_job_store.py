"""The jobs of a queue on a Redis or Valkey, for several machines: what job_store.py is for a directory.

Under the prefix `emperor:jobs:` lie

    job:KEY    a hash: name, priority, due, state, attempts, owner, vars, body, spooled, reason, as in job_store.py
    ready      keys of jobs that can run, in their order (a sorted set by key)
    later      keys of jobs that wait for their time, by that time
    running    keys of jobs that run
    dead       keys of jobs that were given up
    names      hash of the keys by name
    owners     counts processes
    owner:N    there as long as process N says every few seconds that it lives: its machine and pid

A key is the priority and the time in ns, written so that the order of the letters is the order of the jobs. What
belongs together happens in a script, which the server runs in one piece. How safe a job is against a power failure is the
server's business: `appendfsync always` makes it as safe as on the disk here.
"""
import os
import threading
import time

from emperor_worker.job_store import NO_PRIORITY, Job, decode_vars, encode_vars
from emperor_worker.redis_connection import RedisConnection, RedisError

PREFIX = 'emperor:jobs:'
LIFE_SECONDS = 30
"""A process of another machine that has said nothing for so long is dead; for one of this machine the kernel is asked."""
BEAT_SECONDS = 5
MOVED_AT_ONCE = 1000

_ADD = '''
redis.call('HSET', KEYS[1] .. 'job:' .. ARGV[1], 'name', ARGV[2], 'priority', ARGV[3], 'due', ARGV[4], 'state', 'waiting',
  'attempts', 0, 'vars', ARGV[5], 'spooled', ARGV[6])
if ARGV[7] == '1' then redis.call('HSET', KEYS[1] .. 'job:' .. ARGV[1], 'body', ARGV[8]) end
redis.call('HSET', KEYS[1] .. 'names', ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[1] .. 'later', ARGV[4], ARGV[1])
'''
_DROP = '''
local name = redis.call('HGET', KEYS[1] .. 'job:' .. ARGV[1], 'name')
if name then redis.call('HDEL', KEYS[1] .. 'names', name) end
redis.call('SREM', KEYS[1] .. 'running', ARGV[1])
redis.call('DEL', KEYS[1] .. 'job:' .. ARGV[1])
'''
_NEXT = '''
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1] .. 'later', '-inf', ARGV[1], 'LIMIT', 0, %d)) do
  redis.call('ZREM', KEYS[1] .. 'later', key)
  redis.call('ZADD', KEYS[1] .. 'ready', 0, key)
end
local key = redis.call('ZRANGE', KEYS[1] .. 'ready', 0, 0)[1]
if not key then return nil end
local job = KEYS[1] .. 'job:' .. key
redis.call('ZREM', KEYS[1] .. 'ready', key)
redis.call('SADD', KEYS[1] .. 'running', key)
redis.call('HSET', job, 'state', 'running', 'owner', ARGV[2])
local attempts = redis.call('HINCRBY', job, 'attempts', 1)
local fields = redis.call('HMGET', job, 'name', 'vars', 'body')
return {key, fields[1], attempts, fields[2], fields[3]}
''' % MOVED_AT_ONCE
_PUT_BACK = '''
redis.call('SREM', KEYS[1] .. 'running', ARGV[1])
redis.call('HSET', KEYS[1] .. 'job:' .. ARGV[1], 'state', 'waiting', 'due', ARGV[2], 'attempts', ARGV[3], 'reason', ARGV[4])
redis.call('ZADD', KEYS[1] .. 'later', ARGV[2], ARGV[1])
'''
_BURY = '''
redis.call('SREM', KEYS[1] .. 'running', ARGV[1])
redis.call('HSET', KEYS[1] .. 'job:' .. ARGV[1], 'state', 'dead', 'reason', ARGV[2])
redis.call('SADD', KEYS[1] .. 'dead', ARGV[1])
'''


class RedisJobStore:
    """The queue of one server, for one process."""

    Error = RedisError
    takes_files_over = False
    poll_seconds = 1
    """Jobs of other machines are found by looking."""
    bell = None
    """Those of this one are told to the vassal."""

    def __init__(self, url):
        self.url = url
        self._connection = RedisConnection(url)
        self._connection.command('PING')

    def close(self):
        self._connection.close()

    def _run(self, script, *arguments):
        return self._connection.command('EVAL', script, 1, PREFIX, *arguments)

    def add(self, name, values, body, priority, due):
        """Accepts a job."""
        priority = NO_PRIORITY if priority is None else priority
        self._run(_ADD, _key(priority, time.time_ns()), name, priority, due, encode_vars(values), time.time(),
                  '0' if body is None else '1', body or b'')

    def settle(self, added):
        """How safe the job is against a power failure, the server decides."""

    def next(self, owner, finished=None):
        """The next job that is due, now running for `owner`; None when there is none. The job `finished` is done."""
        if finished is not None:
            self.finish(finished)
        found = self._run(_NEXT, time.time(), owner)
        if found is None:
            return None
        key, name, attempts, packed_vars, body = found
        return Job(key, name.decode(), attempts, packed_vars, body)

    def finish(self, job):
        """The job is done."""
        self._run(_DROP, job.key)

    def put_back(self, key, due, attempts, reason=None):
        """The job is to run again."""
        self._run(_PUT_BACK, key, due, attempts, reason or '')

    def bury(self, key, reason):
        """The job is given up, and kept."""
        self._run(_BURY, key, reason)

    def running(self):
        """(key, name, attempts, owner) of the jobs that run, or whose process has died."""
        jobs = []
        for key in self._connection.command('SMEMBERS', PREFIX + 'running'):
            name, attempts, owner = self._connection.command('HMGET', _job(key), 'name', 'attempts', 'owner')
            if name is not None:
                jobs.append((key, name.decode(), int(attempts), int(owner)))
        return jobs

    def next_due(self):
        """Unix time at which the next waiting job is due; None when none waits."""
        found = self._connection.command('ZRANGE', PREFIX + 'later', 0, 0, 'WITHSCORES')
        return float(found[1]) if found else None

    def names(self):
        """Names and priorities of the jobs that are not done and not given up, in their order."""
        keys = sorted(key for listing in ('ready', 'later') for key in
                      self._connection.command('ZRANGE', PREFIX + listing, 0, -1))
        keys += self._connection.command('SMEMBERS', PREFIX + 'running')
        found = [self._connection.command('HMGET', _job(key), 'name', 'priority') for key in keys]
        return [(name.decode(), int(priority)) for name, priority in found if name is not None]

    def find(self, name):
        """The keys and values of a job, and its body; None when there is no such job."""
        key = self._connection.command('HGET', PREFIX + 'names', name)
        found = None if key is None else self._connection.command('HMGET', _job(key), 'vars', 'body')
        return None if found is None or found[0] is None else (decode_vars(found[0]), found[1])

    def new_owner(self):
        """A number for this process that no other one has had."""
        return self._connection.command('INCR', PREFIX + 'owners')

    def is_there(self, owner):
        """Whether that process has given a sign of life."""
        sign = self._connection.command('GET', PREFIX + 'owner:%d' % owner)
        if sign is None:
            return False
        machine, _, pid = sign.decode().rpartition(' ')
        return machine != _machine() or os.path.exists('/proc/' + pid)

    def own(self):
        """Makes this process one that can run jobs."""
        return RedisOwner(self)

    def tidy(self):
        """The server does that."""


class RedisOwner:
    """Proof of this process's life: a key that vanishes when nobody renews it. A thread does, whatever the job does."""

    def __init__(self, store):
        self._store = store
        self.number = store.new_owner()
        self._connection = RedisConnection(store.url)
        self._beat()
        threading.Thread(target=self._beat_for_ever, name='job owner', daemon=True).start()

    def is_alive(self, number):
        """Whether the process of that number lives."""
        return number == self.number or self._store.is_there(number)

    def _beat(self):
        self._connection.command('SET', PREFIX + 'owner:%d' % self.number, '%s %d' % (_machine(), os.getpid()),
                                 'EX', LIFE_SECONDS)

    def _beat_for_ever(self):
        while True:
            time.sleep(BEAT_SECONDS)
            try:
                self._beat()
            except RedisError:
                pass  # the spooler notices, and says so


def _machine():
    """Tells this machine since its start, and this container on it, from all others."""
    try:
        with open('/proc/sys/kernel/random/boot_id') as boot:
            return boot.read().strip() + ' ' + os.readlink('/proc/self/ns/pid')
    except OSError:
        return os.uname().nodename


def _key(priority, job_id):
    return '%020d:%020d' % (priority + NO_PRIORITY, job_id)


def _job(key):
    return PREFIX.encode() + b'job:' + key
