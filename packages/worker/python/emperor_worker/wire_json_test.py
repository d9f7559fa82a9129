"""Tests of wire_json.py: it agrees with the package json."""
import json
import unittest

from emperor_worker.wire_json import decode, encode

VALUES = [None, True, False, 0, -12, 2 ** 70, 0.5, -1e300, '', 'Grüße \u2028 \U0001f375 "\\/\b\0', [], {}, [[]], (1, 'two'),
          {'a': [1, {'b': None}], 'c': {}, '': ''}, {1: 'number', None: 0, True: 1}, float('inf'), float('-inf')]


class WireJsonTest(unittest.TestCase):
    def test_encode_says_what_the_package_says(self):
        for value in VALUES:
            self.assertEqual(encode(value), json.dumps(value).encode())

    def test_decode_reads_what_the_package_writes(self):
        for value in VALUES:
            for options in ({}, {'ensure_ascii': False}, {'separators': (',', ':')}):
                text = json.dumps(value, **options)
                self.assertEqual(decode(text.encode()), json.loads(text))

    def test_encode_refuses_what_json_does_not_have(self):
        for value in (b'bytes', {1, 2}, object(), {'deep': [b'']}):
            with self.assertRaisesRegex(TypeError, 'is not JSON serializable'):
                encode(value)
        endless = []
        endless.append(endless)
        with self.assertRaises(ValueError):
            encode(endless)

    def test_decode_refuses_half_a_text(self):
        for text in (b'{"a": 1', b'["a', b'{"a" 1}'):
            with self.assertRaises(ValueError):
                decode(text)


if __name__ == '__main__':
    unittest.main()
