"""What we write to the log: one write each, so that those of several processes do not mix; tracebacks without frames of ours."""
import os
import sys
import time

_OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__)) + os.sep
_START_FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'start.py')


def traceback_text(error, skip_import_machinery=False):
    """The traceback as Python prints it, without our frames; when nothing else is in it only its last line."""
    import traceback  # needed when something is wrong, and large

    def prune(described):
        if described is not None:
            described.stack[:] = [frame for frame in described.stack if not _is_foreign(frame, skip_import_machinery)]
            prune(described.__cause__)
            prune(described.__context__)

    described = traceback.TracebackException.from_exception(error)
    prune(described)
    if not described.stack and described.__cause__ is None and described.__context__ is None:
        return ''.join(described.format_exception_only())
    return ''.join(described.format())


def report(error, skip_import_machinery=False):
    """Writes the traceback to standard error and returns it."""
    text = traceback_text(error, skip_import_machinery)
    _write(text)
    return text


def prefix_lines(date, text):
    """From now on `write` puts `log-date` and `log-prefix` before a line: `true` for C's ctime, else a form of strftime."""
    global _prefix
    if date or text:
        fixed = text and text + ' '
        stamp = time.ctime if date == 'true' else lambda: time.strftime(date)
        _prefix = lambda: fixed + (date and stamp() + ' ') + '- '


def _prefix():
    return ''


def write(line):
    """Writes a line of ours to standard error."""
    _write(_prefix() + line)


def _write(text):
    """Writes to standard error, which an app may have closed."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass


def is_own(filename):
    """Whether a frame of this file is none of the app's."""
    return filename.startswith(_OWN_DIRECTORY) or filename == _START_FILE


def _is_foreign(frame, skip_import_machinery):
    name = frame.filename
    if is_own(name):
        return True
    return skip_import_machinery and (name.startswith('<frozen importlib') or name.endswith('importlib/__init__.py'))
