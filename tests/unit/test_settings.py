"""`labelwright.yaml`: what cannot be used is named, what is secret is never shown, what was written is read back."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labelwright.adapters.settings import read_settings, render_settings
from labelwright.app.settings import FILE_NAME, Settings
from labelwright.model.errors import SettingsError
from support.command import run

TOKEN = "7f" * 20


def written(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read_settings(written(folder, text))
    return caught.value


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("name: ''", "name"),
        ("team: {}", "name"),
        ("name: x\nversion: 2", "version"),
        ("name: x\ncolour: red", "colour"),
        ("name: x\nteam: {hihg_water: 3}", "team.hihg_water"),
        ("name: x\nteam: {low_water: 9, high_water: 3}", "low_water must not be above high_water"),
        ("name: x\nteam: {low_water: 0}", "team.low_water"),
        ("name: x\noverlap: {share: 1.2}", "overlap.share"),
        ("name: x\noverlap: {annotators: 1}", "overlap.annotators"),
        ("name: x\nsampling: {strategy: best}", "sampling.strategy"),
        ("name: x\nsampling: {batch: many}", "sampling.batch"),
        ("name: x\nmodel: {test_items: -1}", "model.test_items"),
        ("name: x\nexport: {train: 0.8, validation: 0.1, test: 0.2}", "train + validation + test must be 1"),
        ("name: x\nbudget: {answers: 0}", "budget.answers"),
        ("name: x\ndeadline: someday", "deadline"),
        ("name: x\nexpected_distribution: {Positive: 2}", "expected_distribution.Positive"),
        ("name: x\nlabel_studio: {port: 70000}", "label_studio.port"),
        ("name: x\nlabel_studio: [a]", "label_studio"),
        ("name: x\nserver: {reconcile_seconds: 0}", "server.reconcile_seconds"),
        ("name: x\n5: 3", "5"),
    ],
)
def test_each_problem_names_its_field_and_the_file(tmp_path, text, field):
    """Whoever mistyped a setting reads which one, where, and what to do."""
    problem = refused(tmp_path, text)
    assert field in problem.what
    assert problem.where == str(tmp_path / FILE_NAME)
    assert problem.next_step


def test_several_problems_are_told_at_once(tmp_path):
    """Nobody mends one field only to learn of the next."""
    problem = refused(tmp_path, "name: x\noverlap: {share: 7}\nsampling: {batch: 0}")
    assert "overlap.share" in problem.what
    assert "sampling.batch" in problem.what


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [x", "line 1"),
        (b"name: x\nteam: {low_water: 3}}\n", "line 2"),
        (b"name: \xff\xfe", "not UTF-8"),
        (b"name: \x07", "character"),
        (b"", "empty"),
        (b"- a\n- b\n", "needs at least: name"),
        (b"name: !!python/object/apply:os.system ['true']", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_settings_file_says_why(tmp_path, content, words):
    """Broken YAML is told with its line; no tag of YAML runs anything."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    assert words in str(caught.value)


def test_a_folder_without_settings_says_how_to_make_a_workspace(tmp_path):
    """The usual first mistake, the wrong folder, ends with code 2 and the command that helps."""
    outcome = run("status", "--workspace", tmp_path, "--json")
    assert (outcome.code, outcome.out) == (2, "")
    assert "not a Labelwright workspace" in outcome.err
    assert "labelwright init" in outcome.err


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nlabel_studio:\n  token: {token}: b\n",
        'name: x\nlabel_studio: {{url: "http://a", token: "{token}\n',
        "name: x\nlabel_studio: {token}\n",
        "name: x\nlabel_studio: {{url: 5, token: [{token}]}}\n",
        "name: x\nlabel_studio: {{port: {token}}}\n",
        "name: x\nserver: {{database: {{a: {token}}}}}\n",
        "name: x\nlabel_studio: {{url: http://a, token: {token}, prot: 1}}\n",
    ],
)
def test_no_error_shows_a_token(tmp_path, text):
    """A message goes into terminals, logs and bug reports: whatever is wrong with the file, the token is not in it."""
    problem = refused(tmp_path, text.format(token=TOKEN))
    assert TOKEN not in str(problem)
    assert TOKEN not in "".join(traceback.format_exception(problem))


def test_no_representation_shows_a_token(tmp_path, monkeypatch):
    """Printing settings, in whole or in part, shows neither token nor database password."""
    monkeypatch.setenv("LW_TEST_TOKEN", TOKEN)
    settings = read_settings(
        written(
            tmp_path,
            "name: x\nlabel_studio: {url: 'http://a', token: '${LW_TEST_TOKEN}'}\n"
            "server: {database: 'postgresql://u:${LW_TEST_TOKEN}@h/d'}\n",
        )
    )
    assert settings.label_studio.token == TOKEN
    assert settings.server.database == f"postgresql://u:{TOKEN}@h/d"
    for one in (settings, settings.label_studio, settings.server):
        assert TOKEN not in repr(one)
        assert TOKEN not in str(one)


def test_a_variable_that_is_not_set_is_named_with_its_field(tmp_path, monkeypatch):
    """An unset token is told by its name; it never becomes an empty token."""
    monkeypatch.delenv("LW_NOT_SET", raising=False)
    problem = refused(tmp_path, "name: x\nlabel_studio: {url: 'http://a', token: '${LW_NOT_SET}'}")
    assert "label_studio.token" in problem.what
    assert "LW_NOT_SET" in problem.what
    assert problem.next_step == "export LW_NOT_SET=…"


def test_what_a_user_calls_something_is_not_looked_up_in_the_environment(tmp_path, monkeypatch):
    """A column or a class named like a variable stays what it is, and tells nothing of the environment."""
    monkeypatch.setenv("LW_TEST_TOKEN", TOKEN)
    settings = read_settings(
        written(
            tmp_path,
            "name: '${LW_TEST_TOKEN}'\ndata: {fields: {text: '${LW_NOT_SET}'}}\n"
            "expected_distribution: {'${LW_TEST_TOKEN}': 1}",
        )
    )
    assert settings.name == "${LW_TEST_TOKEN}"
    assert settings.data.fields == {"text": "${LW_NOT_SET}"}
    assert settings.expected_distribution == {"${LW_TEST_TOKEN}": 1.0}


def test_settings_do_not_change_after_they_were_read(tmp_path):
    """One part of the program cannot change what another one was told."""
    settings = read_settings(written(tmp_path, "name: x"))
    with pytest.raises(ValidationError, match="frozen"):
        settings.name = "y"


def test_the_first_file_holds_the_defaults_and_a_comment_for_every_section(tmp_path):
    """What is not said is what the program assumes: the file written first says the same as no file at all."""
    text = render_settings({"name": "x", "simulated": None})
    assert read_settings(written(tmp_path, text)) == Settings(name="x")
    lines = text.splitlines()
    sections = [i for i, line in enumerate(lines) if line and not line.startswith((" ", "#", "version"))]
    assert len(sections) == len(Settings.model_fields) - 1
    assert all(lines[i - 1].startswith("#") for i in sections)


HOSTILE = st.sampled_from(
    [
        *("a: b", "- x", "{}", "# no", "'", '"', "x\n name: y", "!!python/name:os", "&a *a", "yes", "null", "1e3"),
        *("2026-01-01", "---", "...", "?", "|", ">", "%TAG", "`", "@", "\u2028", "\x85", "${HOME}", "a\tb", "😀"),
        *("שלום", "=cmd|' /C calc'!A0", " a ", "a,b", "a #b", "\ufeffx"),
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("settings")


NAMES = HOSTILE | st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(
    name=NAMES.filter(str.strip), fields=st.dictionaries(NAMES, NAMES, max_size=4), metadata=st.lists(NAMES, max_size=3)
)
def test_whatever_names_hold_the_file_is_read_back_the_same(folder, name, fields, metadata):
    """A hostile name of a project, field or column is a value in the file: never another key, tag or comment."""
    sections = {"data": {"files": ["a.csv"], "fields": fields, "metadata": metadata}}
    read = read_settings(written(folder, render_settings({"name": name, "sections": sections})))
    assert read.name == name
    assert read.data.fields == fields
    assert list(read.data.metadata) == metadata
    assert read.model_dump(exclude={"name", "data"}) == Settings(name="x").model_dump(exclude={"name", "data"})


def test_a_comment_of_the_user_may_stand_anywhere(tmp_path):
    """The file belongs to the lead: comments, another order and a byte-order mark do no harm."""
    text = "\ufeff# mine\nteam: {low_water: 1, high_water: 2}   # small\nname: x\n"
    assert read_settings(written(tmp_path, text)).team.high_water == 2
    assert yaml.safe_load(text.lstrip("\ufeff"))["name"] == "x"
