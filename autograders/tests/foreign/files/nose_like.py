"""Assertions in a module of the course, as nose had them: what many courses bring along."""

import unittest

_case = unittest.TestCase()
assert_equal = _case.assertEqual
assert_raises = _case.assertRaises
