"""What the store promises about models, suggestions and what language models answered, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.model.learned import ModelRecord, ModelState
from labelwright.model.project import Annotator, AnnotatorKind, Assignment, Item, Purpose
from labelwright.ports.chat import ModelAnswer
from labelwright.ports.suggesting import Suggestion, SuggestionRecord

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SAID = Suggestion("a", 0.9, ({"from_name": "label", "value": {"choices": ["a"]}},), "round-1")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def store(request, tmp_path):
    address = sqlite_url(tmp_path / "s.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(address)
    opened.put_annotator(Annotator("ada", "Ada", "ada@example.org"))
    items = {name: (Item(name, {"text": "t"}), None) for name in ("i", "j")}
    opened.add_assignments(items, [Assignment(f"k{n}", n, "ada", Purpose.LABEL, 1, 0) for n in items])
    yield opened
    opened.close()


def model(number: int, state: ModelState = ModelState.CANDIDATE) -> ModelRecord:
    return ModelRecord(f"round-{number}", "text", state, NOW + timedelta(days=number), number, "/p", {"seed": 1}, None)


def test_one_model_is_current_and_promotion_may_be_repeated(store):
    """Two models in use at once after a crash between two writes."""
    assert store.model() is None
    for number in (1, 2):
        store.put_model(model(number))
        for _ in range(2):
            store.promote_model(f"round-{number}", NOW, "as good")
    assert [(m.version, m.state.value) for m in store.models()] == [("round-1", "retired"), ("round-2", "current")]
    assert store.model() == replace(model(2, ModelState.CURRENT), reason="as good")
    assert store.model("round-7") is None


def test_what_an_annotator_has_seen_is_never_changed(store):
    """A suggestion that is replaced by a newer model's after the task was delivered."""
    first = SuggestionRecord("ki", "shown", SAID, NOW)
    store.put_suggestions([first])
    store.put_suggestions([replace(first, arm="control"), SuggestionRecord("kj", "unsure", SAID, NOW)])
    assert store.suggestions(["ki"]) == [first]
    assert [r.key for r in store.suggestions()] == ["ki", "kj"]
    store.put_suggestions([])


def test_the_last_answer_of_a_language_model_counts(store):
    """Two answers of one model to one item, paid twice and counted twice."""
    answer = ModelAnswer("llm", "i", "label", True, "a", '{"label": "a"}', None, 10, 2, 0.5, 1.5, NOW)
    store.put_model_answers([replace(answer, valid=False, label=None, problem="no JSON"), replace(answer, item="j")])
    store.put_model_answers([answer])
    assert store.model_answers("llm") == [answer, replace(answer, item="j")]
    assert store.model_answers("llm", ["j"]) == [replace(answer, item="j")]
    assert store.model_answers("other") == []


def test_a_model_among_the_annotators_is_known_as_one(store):
    """A model taken for a person who is to be paid and to get a desk."""
    store.put_annotator(Annotator("llm", "tiny", "llm@models.invalid", kind=AnnotatorKind.MODEL))
    assert {a.id: a.kind.value for a in store.annotators()} == {"ada": "person", "llm": "model"}
