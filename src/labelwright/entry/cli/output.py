"""How a command speaks: one JSON document on stdout when asked, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="The workspace's folder.", show_default="this folder")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, nothing else.")]
HERE = Path()


def emit(document: Any) -> None:
    """One JSON document on stdout. NaN is refused: undefined is null with a reason."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def console(*, stderr: bool = False) -> Console:
    """Where tables are printed. What users wrote is printed as it is: markup is off."""
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that --json does not need

    shown = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    # Into a file or a pipe nothing needs to be folded at 80 columns.
    return shown if shown.is_terminal else Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=200)


def say(text: str) -> None:
    """A line for the person at the terminal, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def is_page(path: Path) -> bool:
    """Whether a picture of that name is a whole page rather than a bare SVG."""
    return path.suffix.lower() in {".html", ".htm"}


def write_file(path: Path, text: str, what: str = "picture") -> None:
    """A file that was asked for by an option, and the line that says so.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(
            f"The {what} cannot be written: {problem.strerror}", where=str(path), next_step="Name another place"
        ) from problem
    say(f"Written: {path}")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stdout; numbers stand to the right."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD)
    for index, name in enumerate(columns):
        numeric = all(isinstance(row[index], int | float) or row[index] is None for row in rows)
        shown.add_column(name, justify="right" if numeric and rows else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell(value)) for value in row))
    console().print(shown)


def cell(value: Any) -> str:
    """One value for a table; undefined is a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)


def interval(measure: Mapping[str, Any]) -> str:
    """A measure with its interval, or why there is none."""
    if measure.get("value") is None:
        return f"undefined: {measure.get('reason') or 'no data'}"
    if measure.get("low") is None:
        return f"{measure['value']:.3f}"
    return f"{measure['value']:.3f} ({measure['low']:.3f} to {measure['high']:.3f})"


class Bar:
    """A progress bar on stderr; plain lines where nobody is at a terminal, nothing at all when quiet."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def start(self, what: str, total: int | None) -> None:
        """A new piece of work."""
        self.done()
        if self._quiet:
            return
        if not sys.stderr.isatty():
            say(f"{what} …")
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console(stderr=True), transient=False)
        self._bar.start()
        self._task = self._bar.add_task(what, total=total)

    def step(self, n: int = 1) -> None:
        """Further by ``n``."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, n)

    def done(self) -> None:
        """The piece of work is finished."""
        if self._bar is not None and self._task is not None:
            task = self._bar.tasks[-1]
            self._bar.update(self._task, total=task.total or 1, completed=task.total or 1)
            self._bar.stop()
        self._bar = self._task = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()
