"""Decorators on top of the module `uwsgi`, importable in apps as with uWSGI: what people know, in our own words.

The functions behind jobs and messages to mules are found by their names, so they must be known where the job runs:
decorate them where the app is imported.
"""
from uwsgidecorators.jobs import manage_spool_request, spool, spooler_functions, spoolforever, spoolraw
from uwsgidecorators.mules import farm, mule, mule_functions, mule_msg_dispatcher, mulefunc, muleloop, mulemsg
from uwsgidecorators.processes import harakiri, lock, postfork, postfork_chain, thread
from uwsgidecorators.signals import cron, filemon, get_free_signal, rbtimer, rpc, signal, timer

__all__ = [
    'cron', 'farm', 'filemon', 'get_free_signal', 'harakiri', 'lock', 'manage_spool_request', 'mule', 'mule_functions',
    'mule_msg_dispatcher', 'mulefunc', 'muleloop', 'mulemsg', 'postfork', 'postfork_chain', 'rbtimer', 'rpc', 'signal',
    'spool', 'spooler_functions', 'spoolforever', 'spoolraw', 'thread', 'timer',
]
