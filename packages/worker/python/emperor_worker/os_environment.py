"""`reload-os-env`: what C code has changed in the environment of the process, carried over to os.environ."""
import ctypes
import os


def reader():
    """Returns the function that brings os.environ in step."""
    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')
    known = os.environ._data  # what os.environ keeps its bytes in; setting them one by one would call putenv again

    def reload_environment():
        current = {}
        index = 0
        while variables[index]:
            name, mark, value = variables[index].partition(b'=')
            if mark:
                current[name] = value
            index += 1
        if current != known:
            known.clear()
            known.update(current)

    return reload_environment
