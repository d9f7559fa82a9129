"""JSON for the channels to the vassal, without the package `json`: that one compiles regular expressions when it is imported.

A third of what a worker's Python needs beyond the app's was for it and for what it imports. CPython's own accelerators do all the
work here; where an interpreter has none, the package does.
"""
try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner
except ImportError:
    import json

    def encode(value):
        """The text of a value, as bytes. TypeError for what JSON does not have."""
        return json.dumps(value).encode()

    def decode(text):
        """The value of one whole text, as bytes, with no blanks around it."""
        return json.loads(text)
else:
    class _Rules:
        """What json.loads() does unless it is told otherwise."""

        strict = True
        object_hook = None
        object_pairs_hook = None
        parse_float = float
        parse_int = int
        parse_constant = float

    _scan = make_scanner(_Rules)

    def _refuse(value):
        raise TypeError('Object of type %s is not JSON serializable' % type(value).__name__)

    def encode(value):
        """The text of a value, as bytes. TypeError for what JSON does not have."""
        encode_value = make_encoder({}, _refuse, encode_basestring_ascii, None, ': ', ', ', False, False, True)
        return ''.join(encode_value(value, 0)).encode()

    def decode(text):
        """The value of one whole text, as bytes, with no blanks around it."""
        return _scan(text.decode(), 0)[0]
