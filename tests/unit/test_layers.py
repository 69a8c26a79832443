"""The house stands as docs/architecture.md draws it: layers, light imports, functions that fit on a screen."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from labelwright.entry.cli.main import COMMANDS
from support.command import run

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "labelwright").rglob("*.py"))
PURE = (
    "model",
    "coding",
    "matching",
    "agreement",
    "consensus",
    "sampling",
    "assignment",
    "review",
    "planning",
    "learning",
    "export",
)
#: What a pure package never brings along: files, network, clock, database, vendor.
OUTSIDE = ("sqlalchemy", "httpx", "fastapi", "typer", "rich", "requests", "label_studio_sdk", "uvicorn")


def functions():
    for path in SOURCES:
        if path.parent.name == "versions":  # a migration is a list of statements that is never changed again
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node, _body_lines(node)


def _body_lines(node):
    """Lines of the body without the docstring."""
    body = node.body
    has_docstring = ast.get_docstring(node) is not None
    first = (
        body[1].lineno if has_docstring and len(body) > 1 else body[-1].end_lineno if has_docstring else body[0].lineno
    )
    return node.end_lineno - first + 1


def python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_import_keeps_to_its_layer():
    """The contracts of pyproject.toml hold: an import across layers fails the tests, not only the linter."""
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_a_function_fits_on_a_screen_and_most_are_short():
    """No function has more than 60 lines; half of them have at most 8."""
    sizes = [(size, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}") for path, node, size in functions()]
    assert [name for size, name in sizes if size > 60] == []
    assert median(size for size, _ in sizes) <= 8


def test_a_module_can_be_read_in_one_sitting():
    """No module has more than 400 lines, and none is called utils."""
    assert [str(p) for p in SOURCES if len(p.read_text(encoding="utf-8").splitlines()) > 400] == []
    assert [str(p) for p in SOURCES if p.stem in {"utils", "util", "helpers", "common", "misc"}] == []


@pytest.mark.parametrize("name", PURE)
def test_a_pure_package_brings_nothing_of_the_outside_along(name):
    """Not even indirectly: whoever imports it gets no database, no network client, no web framework."""
    program = (
        f"import sys, json, pkgutil, importlib; package = importlib.import_module('labelwright.{name}')\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    loaded = json.loads(python(program))
    assert set(loaded) & set(OUTSIDE) == set()
    assert "labelwright" in loaded


def test_importing_has_no_effect(tmp_path):
    """Importing every module writes no file, opens no socket, starts no thread and prints nothing."""
    program = f"""
import importlib, os, pkgutil, sys, threading
os.chdir({str(tmp_path)!r})
seen = []
def watch(event, arguments):
    if event in ("socket.bind", "socket.connect", "subprocess.Popen", "os.mkdir", "os.rename", "os.remove"):
        seen.append((event, str(arguments)[:100]))
    if event == "open" and isinstance(arguments[1], str) and any(c in arguments[1] for c in "wax+"):
        seen.append((event, str(arguments)[:100]))
import labelwright
assert not {{"polars", "numpy", "yaml", "typer", "sqlalchemy"}} & set(sys.modules), "import labelwright is not light"
import numba, polars, sklearn, sqlalchemy, pydantic, fastapi, pyarrow  # what these do is theirs
sys.addaudithook(watch)
for found in pkgutil.walk_packages(labelwright.__path__, "labelwright."):
    if found.name.endswith("__main__") or ".migrations." in found.name:
        continue
    importlib.import_module(found.name)
mine = [s for s in seen if "__pycache__" not in s[1]]
assert not mine, mine
assert threading.active_count() == 1, threading.enumerate()
assert os.listdir(".") == []
"""
    assert python(program) == ""


def test_help_lists_every_command_with_what_it_does():
    """A newcomer finds every command; `serve`, which only `up` calls, stays out of the way."""
    outcome = run("--help")
    assert outcome.code == 0
    for name, (_, _, line) in COMMANDS.items():
        listed = re.search(rf"^\s+{name}\s+(\S.*)?$", outcome.out, re.MULTILINE)
        assert bool(listed) == bool(line), name


@pytest.mark.parametrize("name", [n for n, (_, _, line) in COMMANDS.items() if line])
def test_every_command_explains_itself(name):
    """`labelwright COMMAND --help` works and names its options or its sub-commands."""
    outcome = run(name, "--help")
    assert outcome.code == 0
    assert "Usage: labelwright" in outcome.out
    assert "--" in outcome.out


def test_help_loads_nothing_heavy():
    """`labelwright --help` is there at once because it imports no table library, server or model code."""
    program = (
        "import sys; sys.argv = ['labelwright', '--help']\n"
        "from labelwright.entry.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'polars', 'numpy', 'sklearn', 'sqlalchemy', 'fastapi', 'pydantic', 'httpx', 'numba', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    assert "Usage: labelwright" in python(program)


def test_converting_loads_nothing_heavy():
    """`labelwright convert` is over in a second or two: it reads JSON, and needs no table library and no numbers."""
    program = (
        "import sys, labelwright.app.convert, labelwright.entry.cli.convert\n"
        "heavy = {'polars', 'numpy', 'pyarrow', 'sqlalchemy', 'pydantic', 'concurrent.futures'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print('light')\n"
    )
    assert "light" in python(program)


def test_the_version_is_told():
    """`--version` names the installed version on stdout."""
    from labelwright import __version__

    assert run("--version").out == f"labelwright {__version__}\n"


def test_an_unknown_command_is_wrong_usage():
    """Exit code 2 and nothing on stdout."""
    outcome = run("labl")
    assert (outcome.code, outcome.out) == (2, "")
