"""`reload-on-exception` and its kin: whether an exception of an app asks for a fresh worker."""


def make_judge(behaviour):
    """Returns the function that says so of an exception, or None when no option asks."""
    if behaviour['reloadOnException']:
        return lambda _error: True
    types = frozenset(behaviour['reloadOnExceptionTypes'])
    values = frozenset(behaviour['reloadOnExceptionValues'])
    reprs = frozenset(behaviour['reloadOnExceptionReprs'])
    if not (types or values or reprs):
        return None

    def judge(error):
        name = type(error).__name__
        return name in types or str(error) in values or '%s: %s' % (name, error) in reprs

    return judge
