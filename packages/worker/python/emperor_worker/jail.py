"""`chroot`: the app sees a directory as the whole file system.

The interpreter is started outside. What it still needs of its own library it looks for at the same place in the jail, as a uWSGI
in a jail does; what it needs of ours is not there, so it is kept in memory.
"""
import glob
import os
import sys
import threading  # noqa: F401 (where the jail has no library, most apps can do with these)
import traceback  # noqa: F401
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

from emperor_worker import report

EXIT_NO_JAIL = 1


def enter(directory, sources):
    """Enters for good. `sources` are directories of modules and packages that stay importable."""
    directory = os.path.realpath(directory)
    sys.meta_path.insert(0, _KeptSources(sources))
    try:
        os.chroot(directory)
    except OSError as error:
        report.write('chroot(): cannot enter "%s": %s\n' % (directory, error.strerror))
        os._exit(EXIT_NO_JAIL)
    _stay_inside()
    sys.path[:] = [_inside(directory, path) for path in sys.path]
    sys.prefix = _inside(directory, sys.prefix)
    sys.exec_prefix = _inside(directory, sys.exec_prefix)
    sys.path_importer_cache.clear()


def _stay_inside():
    """A working directory outside of the jail, which has no name in it, would be the way out."""
    try:
        os.getcwd()
    except FileNotFoundError:
        os.chdir('/')


def _inside(directory, path):
    """The name in the jail of what lies in it, such as a virtualenv."""
    return path[len(directory):] if path.startswith(directory + '/') else path


class _KeptSources(MetaPathFinder, Loader):
    """Imports from memory."""

    def __init__(self, directories):
        self._files = {}
        for directory in directories:
            for path in glob.glob(directory + '/**/*.py', recursive=True):
                with open(path, 'rb') as file:
                    self._files[_module_name(os.path.relpath(path, directory))] = (path, file.read())

    def find_spec(self, name, path=None, target=None):
        if name not in self._files:
            return None
        file, _ = self._files[name]
        return ModuleSpec(name, self, origin=file, is_package=file.endswith('/__init__.py'))

    def exec_module(self, module):
        path, source = self._files[module.__name__]
        exec(compile(source, path, 'exec'), module.__dict__)  # our own


def _module_name(path):
    """`a/b.py` is a.b, `a/__init__.py` a."""
    name = path[:-len('.py')].replace('/', '.')
    return name[:-len('.__init__')] if name.endswith('.__init__') else name
