"""Whatever a client sends, the API answers with what its document promises, and never with a 500."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from labelwright.entry.api.v1.app import create_v1
from support.console import console

ROOT = Path(__file__).parents[2]
#: What starts work in Label Studio is left to the integration tests; a stream of events never ends.
LEFT_OUT = {"/events", "/rounds", "/rounds/close", "/datasets", "/people", "/oidc/start", "/oidc/callback", "/session"}
DOCUMENT = create_v1(None).openapi()
OPERATIONS = [(m.upper(), p) for p, ms in DOCUMENT["paths"].items() for m in ms if not (p in LEFT_OUT and m != "get")]
OPERATIONS = [(m, p) for m, p in OPERATIONS if p not in {"/events", "/oidc/start", "/oidc/callback"}]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    with console(tmp_path_factory.mktemp("fuzz") / "place", 30) as found:
        lead = found.sign_in()
        scopes = ["read", "review", "manage", "own"]
        found.secret = lead.post("/api/v1/tokens", json={"name": "fuzz", "scopes": scopes}).json()["secret"]
        yield found


@pytest.fixture(scope="module")
def schema(seeded):
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", seeded.app)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda v: v)
def test_no_input_breaks_an_operation(seeded, schema, method, path):
    """Five made-up requests each: strange texts, huge numbers, missing fields."""
    operation = schema[path][method]

    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {seeded.secret}"}, checks=[not_a_server_error])

    check()


def test_the_console_was_built_for_this_api():
    """`console/openapi.json`, from which the web app's types are made, is the API's document."""
    kept = json.loads((ROOT / "console" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(DOCUMENT)), (
        "write create_v1(None).openapi() there, then npm run check in console/"
    )
