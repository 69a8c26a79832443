"""Reads `labelwright.yaml` and writes the first one, with a comment on every section."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from labelwright.app.settings import FILE_NAME, Settings
from labelwright.model.errors import SettingsError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: Ends of lines to YAML that stand in a name as they are: escaped, or they would be read back as spaces.
_BREAKS = re.compile("[\x85\u2028\u2029]")
#: Sections in which ``${NAME}`` is read from the environment, so that no secret needs to stand in the file.
_FROM_ENVIRONMENT = frozenset({"label_studio", "llm", "media", "server", "console", "mail"})


def read_settings(root: Path) -> Settings:
    """The settings of a workspace.

    Raises:
        SettingsError: there is no file, it is no YAML, or a field is wrong; names the field.
    """
    path = root / FILE_NAME
    if not path.is_file():
        raise SettingsError(
            "This is not a Labelwright workspace",
            where=str(root),
            next_step="Go to one, name it with --workspace DIR, or make one: labelwright init DIR --template NAME "
            "--data FILE",
        )
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        # The parser's own words quote the line, and a token may stand on it.
        raise SettingsError(
            f"The settings file is not valid YAML: {_syntax(problem)}", where=str(path), next_step="Mend that line"
        ) from None
    except OSError as problem:
        raise SettingsError(
            f"The settings file cannot be read: {problem.strerror}",
            where=str(path),
            next_step="Give yourself the right",
        ) from problem
    if not isinstance(loaded, dict):
        raise SettingsError("The settings file is empty", where=str(path), next_step="It needs at least: name")
    try:
        return Settings.model_validate(_with_environment(loaded, path))
    except ValidationError as problem:
        raise SettingsError(_first_problem(problem), where=str(path), next_step="Mend that field") from problem


def written_settings(root: Path) -> dict[str, Any]:
    """The sections as they stand in the file of a workspace that can be read: ``${NAME}`` is left as it is."""
    return dict(yaml.safe_load((root / FILE_NAME).read_text(encoding="utf-8-sig")))


def _with_environment(loaded: dict[str, Any], path: Path) -> dict[str, Any]:
    """``${NAME}`` becomes the environment's value where a secret or an address stands; a class may be called so."""
    return {
        section: {field: _expand(field_value, f"{section}.{field}", path) for field, field_value in value.items()}
        if section in _FROM_ENVIRONMENT and isinstance(value, dict)
        else value
        for section, value in loaded.items()
    }


def _expand(value: Any, name: str, path: Path) -> Any:
    if not isinstance(value, str):
        return value
    missing = [v for v in _VARIABLE.findall(value) if v not in os.environ]
    if missing:
        raise SettingsError(
            f"{name}: the environment variable {missing[0]} is not set",
            where=str(path),
            next_step=f"export {missing[0]}=…",
        )
    return _VARIABLE.sub(lambda found: os.environ[found[1]], value)


def _first_problem(problem: ValidationError) -> str:
    lines = [f"{'.'.join(str(part) for part in e['loc']) or 'settings'}: {e['msg']}" for e in problem.errors()]
    return "; ".join(lines[:5])


def _syntax(problem: yaml.YAMLError | UnicodeDecodeError) -> str:
    if isinstance(problem, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark is not None:
        what = problem.problem or "it cannot be read"
        return f"{what}, line {problem.problem_mark.line + 1}, column {problem.problem_mark.column + 1}"
    return "it holds a character that YAML does not allow"


def _scalar(value: Any) -> str:
    """A value as YAML on one line: never more than a value, whatever the user's names hold."""
    readable = _BREAKS.search(json.dumps(value, ensure_ascii=False, default=str)) is None
    return (
        str(yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=readable))
        .removesuffix("\n")
        .removesuffix("\n...")
    )


def render_settings(values: dict[str, Any]) -> str:
    """The first settings file: every field with its default, and what it means.

    Args:
        values: ``name``, ``files``, ``fields``, ``id``, ``group``, ``label``, ``metadata``, ``encoding``, ``control``
            and ``model``, and any of ``sections`` (section → field → value) that differ from the defaults.
    """
    defaults = Settings(name="-").model_dump(mode="json", by_alias=True)
    for section, fields in values.get("sections", {}).items():
        defaults[section].update(fields) if isinstance(defaults[section], dict) else defaults.update({section: fields})
    defaults.update({k: values[k] for k in ("name", "simulated") if k in values})
    return _HEADER + "".join(_section(name, defaults[name], comment) for name, comment in _COMMENTS.items())


def _section(name: str, value: Any, comment: str) -> str:
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    if isinstance(value, dict) and name != "expected_distribution":
        body = "".join(f"  {key}: {_scalar(inner)}\n" for key, inner in value.items())
        return f"\n{head}{name}:\n{body}"
    return f"\n{head}{name}: {_scalar(value)}\n"


_HEADER = "# Settings of one labeling project. `labelwright doctor` checks them.\nversion: 1\n"
_COMMENTS = {
    "name": "Shown on the desks, the report and the exports.",
    "simulated": "One sentence when answers are replayed or simulated; it is shown on every screen and file.",
    "data": "files: CSV, TSV, JSON, JSONL, Parquet, a folder of media, or objects of a store (s3://…).\n"
    "fields: data field of the schema -> column.\n"
    "id: a column with unique ids (default: a hash of the content). group: its rows never end up in two splits.\n"
    "label: existing labels, kept apart for comparison. metadata: columns that travel with each item.",
    "schema": "The labeling config and the control that is trained and exported (default: the first).",
    "guidelines": "Shown to annotators in the labeling screen.",
    "team": "A desk is refilled up to high_water tasks when fewer than low_water are open.\n"
    "prefer: balance, skill or cost. skill_by, language_by, level_by: metadata columns that say who may get an item.\n"
    "novice_items: a novice's first ones are labeled by an expert, too. most_answers: a cap for each annotator.",
    "overlap": "policy share: this share of the items goes to several annotators (no overlap, no agreement).\n"
    "policy fixed: every item goes to so many annotators. policy adaptive: until it is accept_at sure.",
    "gold": "Items whose label is known (labelwright gold add FILE): this share of every desk's tasks.",
    "review": "Contested items go to experts; audit_share of the settled ones, too. unsure: a flag on every desk.",
    "certify": "target: rounds certify that this share of the accepted labels is right; gold: audited at most for it.",
    "watch": "Who is paused by itself: gold below pass_mark, answers at random, impossible speed.",
    "pool": "engine: local, or ray://HOST:PORT of a Ray cluster (pip install 'labelwright[cluster]').\n"
    "near_duplicates: of texts this much alike, and of pictures that look the same, one goes out (null: all do).",
    "qualification": "items of gold before the first task, each explained at once; 0: everybody begins without.",
    "mail": "Messages by e-mail, too: an SMTP server. security: starttls, tls or none. sender, lead: addresses.\n"
    "password may be written as ${NAME} and is then read from the environment.",
    "sampling": "strategy: hybrid (diverse among the uncertain), random, stratified, least_confidence, margin,\n"
    "entropy, kmeans, k_center, badge, density, committee, class_balance, rare_class, relabel.\n"
    "batch: items a round. days_of_work: the batch follows the team.\n"
    "random_share: of every batch, drawn at random. stratify_by: a metadata column.",
    "model": "kind: auto (what fits the screen), text, static, spans, image, audio, vectors, sklearn, http or none.\n"
    "test_items: drawn first, labeled with overlap, never trained on.\n"
    "reference: a file with columns id and label, known from elsewhere, only to measure by.",
    "preannotate": "Suggestions on the desks. source: none, model, file or llm. Only those at least\n"
    "min_confidence sure are shown; a random control_share is held back, so that their effect can be measured.",
    "llm": "A language model behind an OpenAI-compatible address, for `labelwright model annotate` and preannotate.\n"
    "api_key: write ${NAME} to read it from the environment. price_in, price_out: of a million tokens.",
    "loop": "mode: manual (round open, round close) or auto (`labelwright up` turns the rounds by itself).\n"
    "schedule: cron, e.g. '0 8 * * 1'. new_labels, queue_below, patience_days: close a round before all is answered.\n"
    "stop: accuracy, gain_per_100, window, rounds: when it is enough.",
    "export": "Shares of the splits. An item's group decides its split, so it never changes when the data grows.",
    "budget": "answers, money: caps on all answers together; at warn_at of either the lead is told, at all of it no\n"
    "more tasks go out. per_answer: what one costs of an annotator without a rate (labelwright team set --rate).",
    "deadline": "YYYY-MM-DD; doctor compares it with the throughput.",
    "expected_distribution": "Class -> share that you expect, e.g. {Positive: 0.5, Negative: 0.3, Neutral: 0.2}.",
    "media": "An S3-compatible store (default: what AWS_ENDPOINT_URL_S3 and its like say); secrets as ${NAME}.\n"
    "links: auto, presigned or proxied. public_url: Labelwright's server as annotators' browsers reach it.",
    "label_studio": "Without url, Labelwright installs and runs it. With url and token, yours is used.\n"
    "A token can be written as ${NAME} and is then read from the environment.\n"
    "database: postgresql://user:password@host:port/name for a managed server on PostgreSQL.",
    "server": "Labelwright's own server. database: a PostgreSQL address instead of the SQLite file in .labelwright/.\n"
    "public_url: its address as browsers reach it, behind a reverse proxy: own pages, media, console.",
    "console": "The web console. public_url: its address as browsers see it, behind a proxy.\n"
    "oidc_issuer, oidc_client_id, oidc_client_secret: single sign-on. oidc_role: what newcomers become\n"
    "(lead, reviewer, annotator or read-only); without it only people whom a lead has invited get in.",
}
