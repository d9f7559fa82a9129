"""The module `uwsgi` that apps import, put together from topics: one file beside this one for each.

A topic has `functions(state)`, which returns the functions it adds to the module under their own names, and may have
`constants(state)`, a dict of values, and `computed(state)`, a dict of functions that give the value of an attribute
each time it is read. What is costly to import, a topic imports when it is first used.

The module exists only inside a vassal's Python processes, as people's `try: import uwsgi` expects. Texts are bytes
where uWSGI has bytes.
"""
import sys
from importlib import import_module
from types import ModuleType

from emperor_worker.api.state import ModuleState

_TOPICS = (
    ('instance', None),
    ('process', None),
    ('request', None),
    ('websocket', None),
    ('files', None),
    ('descriptors', None),
    ('elsewhere', None),
    ('locks', None),
    ('metrics', None),
    ('cache', None),
    ('signals', None),
    ('mules', None),
    ('rpc', None),
    ('queue', 'queue'),
    ('spool', 'spoolers'),
)
"""File, and the service of the instance without which the module has nothing of it (as in uWSGI): then it is not even imported."""


def install(settings, board):
    """Makes the module importable. Returns what its functions work on."""
    state = ModuleState(settings, board)
    module = state.module = ModuleType('uwsgi', 'The API of the application server.')
    computed = {}
    for name, service in _TOPICS:
        if service is None or service in settings['services']:
            _add(module, import_module('emperor_worker.api.' + name), state, computed)
    _compute_attributes(module, computed)
    sys.modules['uwsgi'] = module
    return state


def _add(module, topic, state, computed):
    for function in topic.functions(state):
        setattr(module, function.__name__, function)
    if hasattr(topic, 'constants'):
        vars(module).update(topic.constants(state))
    if hasattr(topic, 'computed'):
        computed.update(topic.computed(state))


def _compute_attributes(module, computed):
    """PEP 562."""
    def __getattr__(name):
        if name in computed:
            return computed[name]()
        raise AttributeError("module 'uwsgi' has no attribute %r" % name)

    module.__getattr__ = __getattr__
    module.__dir__ = lambda: sorted({*vars(module), *computed} - {'__dir__', '__getattr__'})
