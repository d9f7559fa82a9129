"""The topic queue: a ring of items that all processes of the app share."""
from base64 import b64decode

from emperor_worker.api.text import in_base64


def functions(state):
    def queue_push(item):
        return state.ask('queue_push', in_base64(item))

    def queue_pull():
        return _decoded(state.ask('queue_pull'))

    def queue_pop():
        return _decoded(state.ask('queue_pop'))

    def queue_get(index):
        return _decoded(state.ask('queue_get', index))

    def queue_set(index, item):
        return True if state.ask('queue_set', index, in_base64(item)) else None

    def queue_last(count=None):
        items = [_decoded(item) for item in state.ask('queue_last', 1 if count is None else count)]
        return items[0] if count is None else items

    def queue_slot():
        return state.ask('queue_slot')

    def queue_pull_slot():
        return state.ask('queue_pull_slot')

    return [queue_push, queue_pull, queue_pop, queue_get, queue_set, queue_last, queue_slot, queue_pull_slot]


def constants(state):
    return {'queue_size': state.settings['services']['queue']['size']}


def _decoded(item):
    return None if item is None else b64decode(item)
