"""The console's own logic, by Vitest, with the Node that PyPI has."""

from __future__ import annotations

import pytest

from support.node import node

pytestmark = pytest.mark.server


def test_numbers_texts_classes_and_addresses():
    """What the web app reckons itself is right: undefined is a dash, offsets count code points, links are read back."""
    node("node_modules/vitest/vitest.mjs", "run")
