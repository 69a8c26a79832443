"""The command line in this process, as a user meets it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from labelwright.entry.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; anything beside it fails."""
        assert self.out.endswith("\n"), self.err
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(name: str) -> None:
    message = f"{name} is no JSON"
    raise AssertionError(message)


def run(*arguments: object) -> Outcome:
    """``labelwright`` with these arguments; every end is an exit code, an exception that gets through fails the test."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with patch.object(sys, "argv", ["labelwright", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return Outcome(code, out.getvalue(), err.getvalue())


def told(*arguments: object, code: int = 0) -> Any:
    """The document that a command prints with ``--json``, after it ended as it should."""
    outcome = run(*arguments, "--json")
    assert outcome.code == code, f"exit code {outcome.code}: {outcome.err}"
    return outcome.document
