"""`labelwright up`, `down`, `status`, and `serve`, which `up` starts."""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, say
from labelwright.model.errors import LabelwrightError, NothingToDoError, UsageError

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.bootstrap import Workspace
    from labelwright.entry.workflows.keeper import Keeper

_LOCK_SECONDS = 900.0
#: Seconds that a new server waits for the one before it to end.
_HANDOVER = 15.0
_WHO = "Another server"
#: Seconds for which one thread may keep the interpreter: a webhook that waits for the worker's turn to end comes to
#: wait several times for one answer.
_TURN_SECONDS = 0.0005
#: Seconds that open requests may take when the server ends.
_GRACE_SECONDS = 2


def up_command(
    host: Annotated[str | None, typer.Option(help="Address that Label Studio listens on, e.g. 0.0.0.0.")] = None,
    public_url: Annotated[str | None, typer.Option(help="Label Studio's address as annotators see it.")] = None,
    me: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="You label yourself: your own desk, and a first round.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Start Label Studio and Labelwright's server, and wait until both are well.

    In a folder that is empty, or holds only data files, a workspace is begun; the console leads from a file to the
    first batch.
    """
    from labelwright.app.settings import FILE_NAME  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.newcomer import begin_workspace, begins_here  # noqa: PLC0415
    from labelwright.entry.cli.own_desk import own_desk, tell_own_desk  # noqa: PLC0415

    root = workspace.absolute()
    if not (root / FILE_NAME).exists() and begins_here(root):
        begin_workspace(root)
    place = open_workspace(workspace)
    with Bar(quiet=as_json) as bar:
        start_servers(place, bar, host=host, public_url=public_url)
        desk = own_desk(place, me, bar) if me else None
    state = status_of(place) | ({"desk": desk} if desk else {})
    state["console"]["link"] = console_link(place)
    if as_json:
        emit(state)
        return
    say(f"Label Studio {state['label_studio']['version']}: {state['label_studio']['url']}")
    if state["label_studio"].get("email"):
        say(f"  administrator {state['label_studio']['email']}; password in {place.state / 'secrets.json'}")
    say(f"Labelwright: {state['api']['url']}")
    say(f"Console: {state['console']['link']}")
    say("  this link works once, for 24 hours, and makes you the lead; `labelwright up` prints another")
    if desk:
        tell_own_desk(desk)
    say("Next: " + ("label, then: labelwright export" if desk else _next_step(place)))


def start_servers(place: Workspace, bar: Bar, *, host: str | None = None, public_url: str | None = None) -> None:
    """Bring everything up; what runs already stays. Two at once: the second waits for the first."""
    from labelwright.adapters.labelstudio.install import cache_dir, ensure_installed  # noqa: PLC0415
    from labelwright.adapters.locks import file_lock  # noqa: PLC0415

    with file_lock(place.state / "up.lock", wait=_LOCK_SECONDS, what="The start of this workspace"):
        _publish(place, host, public_url)
        if place.settings.label_studio.managed:
            environment = ensure_installed(cache_dir(), bar)
            place.label_studio.start(environment, bar)
        place.desks().version()
        bar.start("Starting Labelwright", None)
        place.server.start(place.settings.server.port, place.stamp(), keep_port=bool(place.link_fields))
        refresh_desks(place)
        bar.done()


def console_link(place: Workspace) -> str:
    """The console's address with a secret that makes its bearer the lead, once."""
    from labelwright.adapters.passwords import Argon2  # noqa: PLC0415
    from labelwright.app.console.accounts import Accounts  # noqa: PLC0415
    from labelwright.model.console import Role  # noqa: PLC0415

    project = place.project()
    secret = Accounts(project.store, project.clock, Argon2()).link(Role.LEAD)
    return f"{_console_url(place)}/link/{secret}"


def _console_url(place: Workspace) -> str | None:
    """Where browsers find the console."""
    server = place.server.running()
    return place.settings.console_url or (server.url if server else None)


def _publish(place: Workspace, host: str | None, public_url: str | None) -> None:
    """Keep the addresses; another one needs a new start of Label Studio."""
    from labelwright.adapters.runtime import Publication  # noqa: PLC0415

    if host is None and public_url is None:
        return
    if not place.settings.label_studio.managed:
        raise UsageError(
            "--host and --public-url are for a managed Label Studio",
            next_step="Yours has its own address; where links should differ, set label_studio.public_url",
        )
    if public_url is not None and not public_url.startswith(("http://", "https://")):
        raise UsageError(f"{public_url} is no address", next_step="Write it with http:// or https://")
    before = place.server.publication()
    wanted = Publication(host or before.host, (public_url or before.public_url or "").rstrip("/") or None)
    if wanted != before:
        place.server.publish(wanted)
        place.label_studio.stop()
        place.__dict__.pop("label_studio", None)  # the cached value was made for the old address


def refresh_desks(place: Workspace) -> None:
    """Every desk gets the current schema and guidelines, and reports to the server as it runs now."""
    from labelwright.app.delivery import open_desk  # noqa: PLC0415
    from labelwright.app.hooks import watch  # noqa: PLC0415

    project = place.project()
    people = {a.id: a for a in project.store.annotators()}
    known = project.store.desks()
    if not known:
        return
    desks, hook = place.desks(), place.hook()
    for record in known:
        watch(desks, open_desk(project, desks, people[record.annotator], record.kind), hook)


def _next_step(place: Workspace) -> str:
    project = place.project()
    if not place.settings.data.files:
        return "open the console's link: it leads from a file to the first batch"
    if not project.store.desks("work"):
        return "labelwright team add NAME --email ADDRESS"
    if not project.store.rounds():
        return "labelwright round open"
    return "labelwright status"


def down_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Stop what `up` started, and nothing else."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    stopped = stop_servers(open_workspace(workspace))
    if as_json:
        emit({"stopped": stopped})
    elif stopped:
        say("Stopped: " + ", ".join(stopped))
    if not stopped:
        raise NothingToDoError("Nothing was running")


def stop_servers(place: Workspace) -> list[str]:
    """Stop the servers of this workspace; names what was running."""
    stopped = ["Labelwright"] if place.server.stop() else []
    if place.settings.label_studio.managed and place.label_studio.stop():
        stopped.append("Label Studio")
    return stopped


def status_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Addresses, health, and how far the work is."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    state = status_of(open_workspace(workspace))
    if as_json:
        emit(state)
    else:
        for name in ("console", "label_studio", "api"):
            part = state[name]
            say(f"{name}: {'well' if part['healthy'] else 'down'} {part['url'] or ''}")
        say(f"items in the pool: {state['items']}; annotations: {state['annotations']}; rounds: {len(state['rounds'])}")
    if not (state["label_studio"]["healthy"] and state["api"]["healthy"]):
        raise NothingToDoError("Not everything runs", next_step="Start it: labelwright up")


def status_of(place: Workspace) -> dict[str, Any]:
    """Everything that `status --json` says."""
    from labelwright.app.rounds import round_status  # noqa: PLC0415
    from labelwright.app.team import team_list  # noqa: PLC0415

    project = place.project()
    server = place.server.running()
    return {
        "workspace": str(place.root),
        "name": place.settings.name,
        "simulated": place.settings.simulated,
        "console": {"url": _console_url(place), "healthy": place.server.is_healthy()},
        "label_studio": _label_studio_state(place),
        "api": {"url": server.url if server else None, "healthy": place.server.is_healthy()},
        "items": _pool_size(project),
        "annotations": sum(n for (_, purpose, state), n in project.store.counts().items()
                           if state == "done" and purpose != "trial"),
        "team": team_list(project),
        "rounds": round_status(project),
    }  # fmt: skip


def _label_studio_state(place: Workspace) -> dict[str, Any]:
    managed = place.settings.label_studio.managed
    state: dict[str, Any] = {"managed": managed, "url": None, "version": None, "healthy": False, "reason": None}
    try:
        state["url"] = place.label_studio_url()
        state["version"] = place.desks().version()
        state["healthy"] = True
    except LabelwrightError as problem:
        state["reason"] = str(problem)
    state["public_url"] = place.public_url() or state["url"]
    if managed:
        state["email"] = f"admin@{place.secrets.ensure('workspace_id')[:8]}.labelwright.example.org"
    return state


def _pool_size(project: Any) -> int | None:
    try:
        return len(project.pool)
    except LabelwrightError:
        return None


def serve_command(
    port: Annotated[int, typer.Option(help="Port to listen on, on 127.0.0.1.")],
    workspace: Annotated[Path, typer.Option("--workspace", "-w")] = HERE,
) -> None:
    """Labelwright's own server, in the foreground. `up` starts it."""
    from labelwright.adapters.locks import first_free  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    place = open_workspace(workspace)
    with first_free(place.state / "workers", socket.gethostname(), place.most_workers, wait=_HANDOVER, what=_WHO) as at:
        _serve(place, port, f"{socket.gethostname()}-{at}")


def _serve(place: Workspace, port: int, name: str) -> None:
    import uvicorn  # noqa: PLC0415

    from labelwright.adapters.runtime import HOST  # noqa: PLC0415
    from labelwright.entry.api.serving import Service  # noqa: PLC0415

    service = Service(place, name)
    keeper = _keeper(place, service.console.project, name) if place.settings.loop.mode == "auto" else None
    sys.setswitchinterval(_TURN_SECONDS)
    service.start()
    if keeper is not None:
        keeper.start()
    try:
        # A page that listens to events never hangs up by itself.
        wait = _GRACE_SECONDS
        uvicorn.run(
            service.app(), host=HOST, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=wait
        )
    finally:
        service.stop()
        if keeper is not None:
            keeper.stop()
            # A step may be in mid-training: it is begun again at the next start, as after a crash.
            logging.shutdown()
            os._exit(0)


def _keeper(place: Workspace, project: Project, name: str) -> Keeper:
    from labelwright.app.turning import turn_step  # noqa: PLC0415
    from labelwright.entry.workflows.keeper import Keeper  # noqa: PLC0415
    from labelwright.entry.workflows.rounds import Rest, Rounds  # noqa: PLC0415

    rest = Rest()
    turn = place.turn(project, Bar(quiet=True), rest=rest, worker=name)
    url, schema = place.rounds_database()
    return Keeper(project, Rounds(url, schema, name, lambda n, step: turn_step(turn, n, step)), name, rest)
