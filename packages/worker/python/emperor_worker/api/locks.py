"""The topic locks: mutual exclusion between the workers of an instance."""


def functions(state):
    def lock(number=0):
        state.board.lock(number)

    def unlock(number=0):
        state.board.unlock(number)

    def is_locked(number=0):
        return state.board.is_locked(number)

    return [lock, unlock, is_locked]
