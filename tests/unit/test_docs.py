"""The documentation says what the product does: commands, options, settings, links, licences, examples."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import click
import pytest
import typer
import yaml
from pydantic import BaseModel

from labelwright.app.settings import Settings
from labelwright.entry.cli.main import COMMANDS, app

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
NAMES = [str(p.relative_to(ROOT)) for p in PAGES]

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$", re.MULTILINE)
_INLINE = re.compile(r"`(labelwright [^`]+)`")
_OPTION = re.compile(r"`(--?[a-z][a-z-]*)")


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _parser(name: str) -> click.Command:
    """The parser of a command, as the command line builds it."""
    module, attribute, _ = COMMANDS[name]
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    single = typer.Typer(add_completion=False)
    single.command(name)(found)
    return typer.main.get_command(single)


PARSERS: dict[str, Any] = {name: _parser(name) for name in COMMANDS}


def _leaves() -> Iterator[tuple[str, Any]]:
    for name, parser in PARSERS.items():
        for sub, command in getattr(parser, "commands", {"": parser}).items():
            yield f"labelwright {name} {sub}".strip(), command


LEAVES = dict(_leaves())


def _options(command: Any) -> set[str]:
    return {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}


def _sections(text: str, level: int) -> dict[str, str]:
    """Text by heading of that level, backticks taken off."""
    parts = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)[1:]
    return {title.strip().replace("`", ""): body for title, body in zip(parts[::2], parts[1::2], strict=True)}


COMMAND_PAGE = _sections(_page("docs/guide/commands.md"), 2)
SETTINGS_PAGE = _sections(_page("docs/guide/settings.md"), 2)


# ---------------------------------------------------------------- commands


def test_every_command_has_a_section_and_no_section_is_about_nothing():
    """A new command comes with its documentation, and a removed one takes it along."""
    assert set(COMMAND_PAGE) == set(LEAVES)


@pytest.mark.parametrize("name", LEAVES)
def test_every_option_of_a_command_is_in_its_section(name):
    """An option that nobody can read about is as good as none; one that is gone must not be promised."""
    mentioned = {o for o in _OPTION.findall(COMMAND_PAGE[name]) if o.startswith("--")}
    assert _options(LEAVES[name]) <= mentioned, "not documented"
    assert mentioned <= _options(LEAVES[name]) | {"--public-url", "--json"}, "no such option"


def test_options_of_the_command_line_itself_are_told():
    """`--version` and `--help` stand at the top of the page."""
    top = _page("docs/guide/commands.md").split("## ")[0]
    for parameter in typer.main.get_group(app).params:
        assert parameter.opts[0] in top


def _lines() -> Iterator[tuple[str, str]]:
    """Every command line in a block of shell, comments taken off."""
    for name in NAMES:
        for language, block in _FENCE.findall(_page(name)):
            if language in {"sh", "console", "bash"}:
                for line in block.splitlines():
                    found = re.match(r"(?:.*[\s/])?(labelwright .*)$", line.split("  #")[0])
                    if found and not line.lstrip().startswith("#"):
                        yield name, found.group(1).strip()


COMMAND_LINES = sorted(set(_lines()))


def _resolve(words: list[str]) -> tuple[str, Any, list[str]]:
    """The command that a line calls, and what is left for it to parse."""
    for n in (2, 1):
        name = " ".join(["labelwright", *words[:n]])
        if name in LEAVES and len(words) >= n:
            return name, LEAVES[name], words[n:]
    message = f"there is no such command: {' '.join(words)}"
    raise AssertionError(message)


def test_there_are_command_lines_to_check():
    """The search for command lines finds those that a reader would copy."""
    found = {line.split("#")[0].strip() for _, line in COMMAND_LINES}
    assert {"labelwright round close", "labelwright doctor", "labelwright down"} <= found
    assert any(line.startswith("labelwright team add") for line in found)
    assert len(found) > 30


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES)
def test_a_command_line_that_a_reader_copies_parses(page, line, monkeypatch):
    """Options, values and arguments are taken as they stand there, by the parser of the command itself."""
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", "a token, as the page says to set")
    name, command, rest = _resolve(shlex.split(line, comments=True)[1:])
    try:
        command.make_context(name, list(rest))
    except click.ClickException as problem:
        pytest.fail(f"{page}: {line}: {problem.format_message()}")
    except click.exceptions.Exit:
        pytest.fail(f"{page}: {line}: ends before it begins")


@pytest.mark.parametrize("name", NAMES)
def test_commands_named_in_running_text_exist_with_their_options(name):
    """`labelwright round close --force` in a sentence is a promise, too."""
    for mention in _INLINE.findall(_page(name)):
        words = shlex.split(mention)[1:]
        if words[0].startswith("--"):
            assert words[0] in {"--help", "--version"}, mention
            continue
        if words == [words[0]] and hasattr(PARSERS.get(words[0]), "commands"):
            continue
        _, command, rest = _resolve(words)
        wrong = {w for w in rest if w.startswith("--")} - _options(command) - {"--help"}
        assert not wrong, f"{mention}: {wrong}"


def test_make_targets_that_are_named_exist():
    """The two commands of the first screen are real."""
    targets = set(re.findall(r"^([a-z-]+):", _page("Makefile"), flags=re.MULTILINE))
    named = {t for name in NAMES for t in re.findall(r"(?:^|`)make ([a-z-]+)", _page(name), flags=re.MULTILINE)}
    assert {"demo", "test"} <= named <= targets


# ---------------------------------------------------------------- settings


def _fields(section: type[BaseModel] = Settings, at: str = "") -> Iterator[tuple[str, str, Any, bool]]:
    """Section, field, default and whether it must be given; a section in a section is named by both."""
    for name, field in section.model_fields.items():
        shown = field.alias or name
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{at}.{shown}".lstrip("."))
        else:
            yield at or "Top level", shown, field.get_default(call_default_factory=True), field.is_required()


FIELDS = list(_fields())


def _rows(section: str) -> dict[str, str]:
    """Default by field, as a section's table has them."""
    return dict(re.findall(r"^\| `([a-z_0-9]+)` \| (.+?) \|", SETTINGS_PAGE[section], flags=re.MULTILINE))


def test_the_settings_page_has_every_section_and_field_and_no_other():
    """A field that is not on the page is a field that nobody sets."""
    documented = {(section, field) for section in SETTINGS_PAGE for field in _rows(section)}
    assert documented == {(section, field) for section, field, _, _ in FIELDS}


@pytest.mark.parametrize(("section", "field", "default", "required"), FIELDS, ids=lambda v: str(v)[:20])
def test_the_default_on_the_settings_page_is_the_one_in_the_code(section, field, default, required):
    """Who reads a default on the page relies on it."""
    told = _rows(section)[field].strip("`")
    if required:
        assert told == "(required)"
        return
    plain = str(default) if isinstance(default, Path) else list(default) if isinstance(default, tuple) else default
    assert yaml.safe_load(told) == plain


# ---------------------------------------------------------------- pages


def _anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as a web view of Markdown makes them."""
    titles = (re.sub(r"[`*_]|[^\w\s-]", "", title).strip().lower() for _, title in _HEADING.findall(text))
    return {title.replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_relative_links_point_at_something(name):
    """Neither a file nor a heading that is linked is missing."""
    for link in _LINK.findall(_page(name)):
        path, _, anchor = link.partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        target = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in _anchors(target.read_text(encoding="utf-8")), f"{name}: {link}"


def test_every_page_can_be_reached_from_the_readme():
    """A page that nothing links is not read."""
    reached, queue = set(), [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8")))
        queue += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert {p.resolve() for p in PAGES} <= reached


@pytest.mark.parametrize("name", [*NAMES, ".pre-commit-config.yaml"])
def test_addresses_are_examples_or_this_machine(name):
    """No registry, no mirror and no other server is named: what is fetched is for the reader's own configuration."""
    hosts = set(re.findall(r"https?://([^/\s`\"')>:]+)", _page(name)))
    assert {h for h in hosts if h not in {"127.0.0.1", "localhost"} and not h.endswith("example.org")} == set()


def _examples() -> Iterator[Any]:
    """All but those that load sets drawn in a browser: tests/browser/test_modalities.py runs these on what it exported."""
    for name in NAMES:
        if name == "docs/guide/modalities.md":
            continue
        for number, block in enumerate(b for lang, b in _FENCE.findall(_page(name)) if lang == "python"):
            yield pytest.param(block, id=f"{name}-{number}")


@pytest.mark.parametrize("block", list(_examples()))
def test_python_examples_run_and_print_something(block):
    """What a reader copies works; each example stands for itself."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "example", "exec"), {"__name__": "example"})  # noqa: S102 - our own pages
    assert printed.getvalue().strip()


# ---------------------------------------------------------------- licences


def _direct() -> list[str]:
    """Names of the direct dependencies, those of development too."""
    project = tomllib.loads(_page("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    return sorted({re.split(r"[\[<>=!~;\s]", d, maxsplit=1)[0].lower() for d in wanted})


LICENCES = dict(re.findall(r"^\| ([A-Za-z0-9-]+) \| ([^|]+?) \|", _page("docs/licences.md"), flags=re.MULTILINE))


def test_the_licence_of_every_direct_dependency_is_recorded():
    """Nobody depends on a package whose licence has not been looked at; none is listed that is gone."""
    assert set(LICENCES) - {"package"} == set(_direct())


@pytest.mark.parametrize("package", _direct())
def test_the_recorded_licence_is_the_one_that_the_package_states(package):
    """A package that changes its licence with a new release is noticed."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    recorded, expression = LICENCES[package], told.get("License-Expression")
    if expression:
        assert recorded == expression
    families = {family for family in ("BSD", "MIT", "Apache", "MPL", "LGPL", "AGPL") if _names(family, told)}
    assert all(family in recorded for family in families), (recorded, families)
    assert not _names("GPL", told) or "LGPL" in recorded


def _names(family: str, told: Any) -> bool:
    """A short word of licence in the metadata; a whole text there would name others, too."""
    words = told.get("License") or ""
    stated = words if len(words) < 60 else ""
    classifiers = " ".join(c for c in told.get_all("Classifier") or [] if c.startswith("License"))
    return re.search(rf"\b{family}\b", f"{stated} {classifiers} {told.get('License-Expression') or ''}") is not None
