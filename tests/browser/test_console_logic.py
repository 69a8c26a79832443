"""The console's own logic by Vitest, and its types against the API's document, with the Node that PyPI has."""

from __future__ import annotations

import pytest

from support.node import node

pytestmark = pytest.mark.server


def test_numbers_texts_classes_and_addresses():
    """What the web app reckons itself is right: undefined is a dash, offsets count code points, links are read back."""
    node("node_modules/vitest/vitest.mjs", "run")


def test_the_web_app_asks_only_what_the_api_answers():
    """TypeScript's check of the whole app against the types that are made of the API's document."""
    node("node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", "src/api/schema.d.ts")
    node("node_modules/typescript/bin/tsc", "--noEmit")
