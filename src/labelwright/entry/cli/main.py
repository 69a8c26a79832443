"""The command line. Each command loads what it needs when it runs, so that `--help` is there at once."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from labelwright.model.errors import LabelwrightError

#: Command → module that holds its function or its group, and the line that `--help` shows.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("labelwright.entry.cli.init", "init_command", "Make a workspace from a template and your data."),
    "up": (
        "labelwright.entry.cli.servers",
        "up_command",
        "Start Label Studio and Labelwright, wait until both are well.",
    ),
    "down": ("labelwright.entry.cli.servers", "down_command", "Stop what `up` started."),
    "status": ("labelwright.entry.cli.servers", "status_command", "Addresses, health and counts."),
    "team": ("labelwright.entry.cli.team", "team_app", "Annotators and their desks."),
    "gold": ("labelwright.entry.cli.gold", "gold_app", "Items whose label is known."),
    "review": ("labelwright.entry.cli.review", "review_app", "Contested, audited and unsure items."),
    "trial": ("labelwright.entry.cli.trial", "trial_command", "Try the labeling screen on ten items."),
    "round": ("labelwright.entry.cli.rounds", "round_app", "Open, follow and close rounds."),
    "model": ("labelwright.entry.cli.models", "model_app", "Models: train, compare, take into use."),
    "report": ("labelwright.entry.cli.report", "report_command", "How good are the labels?"),
    "plan": ("labelwright.entry.cli.plan", "plan_command", "What a job will take: overlap, audits, cost, days, risk."),
    "certify": (
        "labelwright.entry.cli.certify",
        "certify_command",
        "Audit labels and certify how many of them are right.",
    ),
    "simulate": (
        "labelwright.entry.cli.simulate",
        "simulate_command",
        "Replay recorded answers under a policy: cost and worth.",
    ),
    "export": ("labelwright.entry.cli.export", "export_command", "Write a dataset from the consensus."),
    "audit": ("labelwright.entry.cli.audit", "audit_command", "Existing labels beside a fresh consensus."),
    "dataset": ("labelwright.entry.cli.dataset", "dataset_app", "Dataset versions: list, show, compare, verify."),
    "convert": (
        "labelwright.entry.cli.convert",
        "convert_command",
        "A Label Studio export as CoNLL, COCO, YOLO, VOC, Parquet …",
    ),
    "cost": ("labelwright.entry.cli.cost", "cost_command", "What the work costs, by whom, what and why."),
    "feedback": ("labelwright.entry.cli.feedback", "feedback_command", "An annotator's own report."),
    "guidelines": ("labelwright.entry.cli.guidelines", "guidelines_app", "Versions and gaps of the guidelines."),
    "schema": ("labelwright.entry.cli.schema", "schema_app", "Templates and checks of labeling configs."),
    "adopt": ("labelwright.entry.cli.adopt", "adopt_command", "Report and export from a project that is not managed."),
    "doctor": ("labelwright.entry.cli.doctor", "doctor_command", "Walk the list of a careful lead."),
    "demo": ("labelwright.entry.cli.demo", "demo_command", "The whole loop on real reviews, in a real Label Studio."),
    "serve": ("labelwright.entry.cli.servers", "serve_command", ""),
}


#: What helps when the system refuses a path that the user named.
_FILE_STEPS = {
    errno.EACCES: "Give yourself the right, or name another place",
    errno.EPERM: "Give yourself the right, or name another place",
    errno.EROFS: "Name a place that can be written",
    errno.EEXIST: "Name another place: there is a file already",
    errno.ENOTDIR: "Name another place: a file stands where a folder is needed",
    errno.EISDIR: "Name a file, not a folder",
    errno.ENOENT: "Check the path",
    errno.ENAMETOOLONG: "Choose a shorter name",
}


class _LazyGroup(TyperGroup):
    """Knows every command's name and line; imports its module only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is typer's
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute, line = COMMANDS[cmd_name]
        if _only_help(cmd_name):
            return _listed(cmd_name, line)
        return _loaded(cmd_name, getattr(importlib.import_module(module), attribute), line)


def _only_help(name: str) -> bool:
    """The list of commands is wanted, not this one."""
    return name not in sys.argv[1:]


def _listed(name: str, line: str) -> Any:
    stub = typer.Typer(add_completion=False)
    stub.command(name, help=line, hidden=not line)(lambda: None)
    return typer.main.get_command(stub)


def _loaded(name: str, found: typer.Typer | Callable[..., Any], line: str) -> Any:
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, hidden=not line)(found)
    return typer.main.get_command(single)


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is there in half the time
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Runs a labeling project from raw data to training set, on top of Label Studio.",
)


def _version(*, wanted: bool) -> None:
    if wanted:
        from labelwright import __version__  # noqa: PLC0415

        sys.stdout.write(f"labelwright {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=lambda v: _version(wanted=v), is_eager=True
    ),
) -> None:
    """Runs a labeling project from raw data to training set, on top of Label Studio."""


def main() -> None:
    """Run a command; an error is a message with its next step, and an exit code.

    0 done · 1 the check failed or nothing to do · 2 wrong usage · 3 an outside service failed.
    """
    try:
        app(prog_name="labelwright")
    except LabelwrightError as problem:
        sys.stderr.write(f"labelwright: {problem}\n")
        sys.exit(problem.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as problem:
        _tell_of_files(problem)
    except KeyboardInterrupt:
        sys.stderr.write("labelwright: stopped\n")
        sys.exit(130)


def _tell_of_files(problem: OSError) -> None:
    """A path that cannot be used is wrong usage; a full or broken disk is a service that failed."""
    named = f" ({problem.filename})" if problem.filename else ""
    step = _FILE_STEPS.get(problem.errno or 0)
    sys.stderr.write(
        f"labelwright: {problem.strerror or problem}{named}. {step or 'Look at the disk and the network'}\n"
    )
    sys.exit(2 if step else 3)
