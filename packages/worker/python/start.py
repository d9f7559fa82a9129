"""First program of a zygote: checks the interpreter, then hands over to the package beside it."""
import _signal as signal  # `signal` makes enumerations of its numbers: twice what all of this package costs
import sys

# A Ctrl-C reaches every process of the terminal, and the vassal ends this one: the start needs no traceback for it.
signal.signal(signal.SIGINT, signal.SIG_IGN)

if sys.version_info < (3, 8):
    sys.stderr.write('the interpreter %s is Python %s: at least 3.8 is needed\n'
                     % (sys.executable, sys.version.split()[0]))
    sys.exit(1)

from emperor_worker import zygote  # noqa: E402 (the check comes first)

del sys.path[0]  # the directory of this file is no place to look for the app's modules
zygote.main()
