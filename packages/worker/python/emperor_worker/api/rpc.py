"""The topic rpc: functions by name, called in the process that asks."""


def functions(state):
    table = {}

    def register_rpc(name, function, _argument_count=0):
        if not callable(function):
            raise ValueError('unable to register rpc function: %r is no function' % (function,))
        table[_bytes(name)] = function
        return True

    def rpc_list():
        return tuple(table)

    def call(name, *args):
        function = table.get(_bytes(name))
        if function is None:
            raise ValueError('unable to call rpc function: none is registered as %r' % _bytes(name).decode('utf-8', 'replace'))
        result = function(*[_bytes(argument) for argument in args])
        return None if result is None else _bytes(result)

    def rpc(node, name, *args):
        if node:
            raise ValueError('unable to call rpc function: the functions of other servers cannot be called, '
                             'only those of this instance (a node of None or an empty one)')
        return call(name, *args)

    return [register_rpc, rpc_list, call, rpc]


def _bytes(value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise ValueError('unable to call rpc function: arguments and results are bytes or str, not %r' % (value,))
