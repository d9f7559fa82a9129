"""The head of an answer: what start_response is given, checked and made into one text."""

MAX_REMEMBERED = 1000
_good_names = set()
_good_statuses = set()
"""What has been found good: an app has a handful of header names and statuses."""


def encode_head(status, headers):
    """Status and headers as one NUL-separated latin-1 text. TypeError or ValueError for what HTTP cannot carry."""
    parts = [status]
    for name, value in headers:
        parts.append(name)
        parts.append(value)
        if name not in _good_names:
            _check_name(name)
    if status not in _good_statuses:
        _check_status(status)
    try:
        text = '\0'.join(parts)
    except TypeError:
        value = next(part for part in parts if not isinstance(part, str))
        raise TypeError('a header value must be a str: %r' % (value,)) from None
    if '\n' in text or '\r' in text or text.count('\0') != len(parts) - 1:
        raise ValueError('a header value with a line break or NUL: %r' % next(filter(_is_broken, parts)))
    return text.encode('latin-1')


def _is_broken(part):
    return '\n' in part or '\r' in part or '\0' in part


def _check_name(name):
    if not isinstance(name, str):
        raise TypeError('a header name must be a str: %r' % (name,))
    if not name or not name.isascii() or not name.isprintable() or any(mark in name for mark in ' "(),/:;<=>?@[\\]{}'):
        raise ValueError('not a header name: %r' % name)
    if len(_good_names) < MAX_REMEMBERED:
        _good_names.add(name)


def _check_status(status):
    if not isinstance(status, str):
        raise TypeError('a status must be a str: %r' % (status,))
    code = status[:3]
    if not (code.isascii() and code.isdigit() and len(code) == 3 and code >= '100' and status[3:4] in ('', ' ')):
        raise ValueError('not a status such as "200 OK": %r' % status)
    if not _is_broken(status) and len(_good_statuses) < MAX_REMEMBERED:
        _good_statuses.add(status)
