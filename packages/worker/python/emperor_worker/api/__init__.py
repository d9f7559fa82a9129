"""The module `uwsgi` that apps import, put together from topics: one file beside this one for each.

A topic has `functions(state)`, which returns the functions it adds to the module under their own names, and may have
`constants(state)`, a dict of values. What is costly to import, a topic imports when it is first used.

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
    ('locks', None),
)
"""File, and the setting without which the module has nothing of it (as in uWSGI) and the file is not even imported."""


def install(settings, board):
    """Makes the module importable. Returns what its functions work on."""
    state = ModuleState(settings, board)
    module = state.module = ModuleType('uwsgi', 'The API of the application server.')
    for name, setting in _TOPICS:
        if setting is None or settings.get(setting):
            _add(module, import_module('emperor_worker.api.' + name), state)
    sys.modules['uwsgi'] = module
    return state


def _add(module, topic, state):
    for function in topic.functions(state):
        setattr(module, function.__name__, function)
    if hasattr(topic, 'constants'):
        vars(module).update(topic.constants(state))
