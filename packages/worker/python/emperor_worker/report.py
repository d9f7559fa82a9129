"""Tracebacks in the log: one write per traceback, so that those of several processes do not mix, and no frame of ours in it."""
import os
import sys

_OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__)) + os.sep


def traceback_text(error, skip_import_machinery=False):
    """The traceback as Python prints it; without frames (nothing of the app ran) only its last line."""
    import traceback  # needed when something is wrong, and large

    trace = error.__traceback__
    while trace is not None and _is_foreign(trace, skip_import_machinery):
        trace = trace.tb_next
    if trace is None and error.__cause__ is None and error.__context__ is None:
        return ''.join(traceback.format_exception_only(type(error), error))
    return ''.join(traceback.format_exception(type(error), error, trace))


def report(error, skip_import_machinery=False):
    """Writes the traceback to standard error."""
    write(traceback_text(error, skip_import_machinery))


def write(text):
    """Writes to standard error, which an app may have closed."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass


def _is_foreign(trace, skip_import_machinery):
    name = trace.tb_frame.f_code.co_filename
    if name.startswith(_OWN_DIRECTORY):
        return True
    return skip_import_machinery and (name.startswith('<frozen importlib') or name.endswith('importlib/__init__.py'))
