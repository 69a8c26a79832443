"""`labelwright schema` as scripts call it: one JSON document on stdout, exit codes as promised."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labelwright.adapters.labelstudio.config import read_config
from labelwright.app.schema import as_document, check_schema
from labelwright.entry.cli.schema import schema_app
from labelwright.model.errors import UsageError

GOOD = (
    '<View><Text name="text" value="$text"/><Choices name="c" toName="text"><Choice value="A"/><Choice value="B"/></Choices>'
    '<Novelty name="n" toName="text"/><Relations><Relation value="is"/></Relations></View>'
)
ATTACK = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><View><Header value="&a;"/></View>'


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(schema_app, list(arguments), catch_exceptions=False)
    return outcome.exit_code, outcome.stdout


def checked(tmp_path: Path, xml: str, *more: str) -> tuple[int, dict[str, Any]]:
    file = tmp_path / "config.xml"
    file.write_text(xml, encoding="utf-8")
    code, said = run("check", str(file), "--json", *more)
    document: dict[str, Any] = json.loads(said)
    return code, document


def test_a_valid_config_is_described_as_promised(tmp_path: Path) -> None:
    """Protects scripts: the names in the document are those of the issue, and a reason stands where one is due."""
    code, document = checked(tmp_path, GOOD)
    assert code == 0
    assert list(document) == ["valid", "controls", "data_fields", "problems"]
    choice, novelty, links = document["controls"]
    assert choice == {"name": "c", "kind": "choice", "to": ["text"], "classes": ["A", "B"], "understood": True}
    assert (novelty["kind"], novelty["understood"]) == ("unknown", False)
    assert "Novelty" in novelty["reason"]
    assert (links["understood"], bool(links["reason"])) == (True, True)
    assert (document["data_fields"], document["problems"]) == (["text"], [])


@pytest.mark.parametrize("xml", ["<View>", "", "<View/>", ATTACK])
def test_a_config_that_is_not_valid_ends_with_code_1(tmp_path: Path, xml: str) -> None:
    """Protects scripts that stop on a bad config, an attack among them: still one document, with the problems."""
    code, document = checked(tmp_path, xml)
    assert (code, document["valid"]) == (1, False)
    assert document["problems"]
    assert "root:" not in json.dumps(document)


def test_columns_of_the_data_are_compared(tmp_path: Path) -> None:
    """Protects from a screen that shows nothing: a field without a column is named, with the columns there are."""
    data = tmp_path / "data.csv"
    data.write_text("sentence,source\nHello,web\n", encoding="utf-8")
    code, document = checked(tmp_path, GOOD, "--data", str(data))
    assert code == 1
    assert "'text'" in document["problems"][0]
    assert "'sentence'" in document["problems"][0]
    data.write_text("text,source\nHello,web\n", encoding="utf-8")
    assert checked(tmp_path, GOOD, "--data", str(data))[0] == 0


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    """Protects the exit code 2: nothing was checked."""
    with pytest.raises(UsageError) as caught:
        run("check", str(tmp_path / "nothing.xml"), "--json")
    assert caught.value.exit_code == 2
    (tmp_path / "latin.xml").write_bytes(b'<View><Header value="\xe9"/></View>')
    with pytest.raises(UsageError, match="UTF-8"):
        run("check", str(tmp_path / "latin.xml"))


def test_what_show_prints_can_be_checked(tmp_path: Path) -> None:
    """Protects the way from a template to a config of the user's own."""
    code, xml = run("show", "ner", "--labels", "Person,R&D")
    assert code == 0
    code, document = checked(tmp_path, xml)
    assert code == 0
    assert document["controls"][0]["classes"] == ["Person", "R&D"]


def test_list_and_show_speak_json() -> None:
    """Protects tools that offer the templates: name, title, fields, classes, config, guidelines."""
    code, said = run("list", "--json")
    assert code == 0
    templates = json.loads(said)["templates"]
    assert {"name", "title", "modality", "data_fields", "labels"} == set(templates[0])
    for template in templates:
        shown = json.loads(run("show", template["name"], "--json")[1])
        assert set(read_config(shown["config"]).data_fields) == set(template["data_fields"])
        assert "## Task" in shown["guidelines"]


def test_a_person_reads_a_table(tmp_path: Path) -> None:
    """Protects the output for people: each control, and what is wrong."""
    file = tmp_path / "config.xml"
    file.write_text(GOOD, encoding="utf-8")
    code, said = run("check", str(file))
    assert code == 0
    assert "alpha" in said
    assert "Novelty" in said


def test_a_codec_that_fails_is_told(tmp_path: Path) -> None:
    """Protects the meaning of `understood`: without the round trip it is false, and the reason says so."""
    document = as_document(check_schema(GOOD, read_config, lambda _control, _schema: False))
    assert [c["understood"] for c in document["controls"]] == [False, False, False]
    assert "codec" in document["controls"][0]["reason"]


def test_importing_the_commands_is_light() -> None:
    """Protects the start of every command: neither the SDK nor polars is loaded to list them."""
    probe = "import sys, labelwright.entry.cli.schema; print(sorted({'polars','label_studio_sdk','defusedxml','rich'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stdout
    assert "polars" not in said
    assert "label_studio_sdk" not in said
    assert "defusedxml" not in said
