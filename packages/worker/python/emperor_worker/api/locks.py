"""The topic locks: mutual exclusion between the workers of an instance."""
from operator import index


def functions(state):
    highest = _last_number(state.settings['options'].get('locks', 0))

    def check(number):
        number = index(number)
        if not 0 <= number <= highest:
            raise ValueError('Invalid lock number %d: there are locks 0 to %d (option locks)' % (number, highest))

    def lock(number=0):
        check(number)
        state.board.lock(number)

    def unlock(number=0):
        check(number)
        state.board.unlock(number)

    def is_locked(number=0):
        check(number)
        return state.board.is_locked(number)

    return [lock, unlock, is_locked]


def _last_number(option):
    """Of an option that may have been given more than once."""
    return int(option[-1] if isinstance(option, list) else option)
