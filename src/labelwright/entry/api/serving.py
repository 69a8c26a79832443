"""What runs in Labelwright's server: webhook, media, worker, console; opened anew when files change."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fastapi import APIRouter, FastAPI

from labelwright.adapters.mail import post_office
from labelwright.adapters.passwords import Argon2
from labelwright.app.console.accounts import Accounts
from labelwright.app.context import Project
from labelwright.app.mailing import send_messages
from labelwright.app.serving import current_version, suggest_for_tasks
from labelwright.app.settings import FILE_NAME
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.api.app import create_app
from labelwright.entry.api.console_site import add_console, is_built
from labelwright.entry.api.media import media_router
from labelwright.entry.api.ml_backend import ml_router
from labelwright.entry.api.own_page import own_page_router
from labelwright.entry.api.refresher import Refresher
from labelwright.entry.api.v1.state import Console
from labelwright.entry.api.watcher import Watcher
from labelwright.entry.api.worker import Worker
from labelwright.model.project import Item
from labelwright.ports import Learner


def _new_learner() -> Learner:
    """Loaded when there is something to learn: scikit-learn takes half of the server's start."""
    from labelwright.adapters.learners.text import TextLearner  # noqa: PLC0415

    return TextLearner()


def _post(project: Project) -> int:
    """Messages that wait go out by e-mail, where the settings name a server."""
    return send_messages(project, lambda: post_office(project.settings.mail))


def _saved_at(place: Workspace) -> tuple[tuple[int, int] | None, ...]:
    """Time and size of the files that are read anew when they change: a look costs nothing. None: it is not there."""
    files = map(place.path, (Path(FILE_NAME), place.settings.labeling.file, place.settings.guidelines))
    return tuple((s.st_mtime_ns, s.st_size) if f.exists() and (s := f.stat()) else None for f in files)


class Service:
    """One workspace's server.

    Args:
        place: the workspace.
        name: of the worker; no other has it.
    """

    def __init__(self, place: Workspace, name: str = "worker") -> None:
        self._place, self._name = place, name
        self._project, self._stamp = place.project(), place.stamp()
        self._worker = Worker(self._project, place.desks, name, _post)
        self._seen_at = self._read_at = _saved_at(place)
        self._started = False
        self._refresher = Refresher(lambda: self._project, _new_learner, self._examine)
        accounts = Accounts(self._project.store, self._project.clock, Argon2())
        self.console = Console(place, self._project, accounts, self._reopen, self._state, self._wake)
        self._watcher = Watcher(self._changed, self.console.reload, self._bring)

    def app(self) -> FastAPI:
        """The application."""
        media = media_router(lambda: self._place.media, self._find, self._origins)
        media.include_router(self._models())
        return create_app(
            self._place.secrets.ensure("webhook_secret"),
            self._append,
            self._state,
            media,
            self._pages,
        )

    def _pages(self, app: FastAPI) -> None:
        """Annotators' own pages behind their signed links, and the console."""
        secret = self._place.secrets.ensure("page_secret", 64)
        app.include_router(own_page_router(lambda: self._project, secret, console=is_built()))
        add_console(app, self.console)

    def start(self) -> None:
        """Begin the work beside the server."""
        self._started = True
        self._worker.start()
        self._refresher.start()
        self._watcher.start()

    def stop(self) -> None:
        """End it."""
        self._watcher.stop()
        self._refresher.stop()
        self._worker.stop()

    def _reopen(self) -> tuple[Workspace, Project]:
        """The workspace's files have changed: another worker goes on with them."""
        place = open_workspace(self._place.root)
        self._place, self._project, self._stamp = place, place.project(), place.stamp()
        if self._started:
            old, self._worker = self._worker, Worker(self._project, place.desks, self._name, _post)
            old.stop()
            self._worker.start()
        return place, self._project

    def _changed(self) -> bool:
        """Somebody saved a file of the workspace in an editor; what the console saves it takes itself."""
        now, before = _saved_at(self._place), self._seen_at
        self._seen_at = now
        if now == self._read_at or now != before:
            return False  # as they were read, or being written just now: half of a text is no new version
        if open_workspace(self._place.root).stamp() != self._stamp:
            return True
        self._read_at = now
        return False

    def _bring(self) -> None:
        """Every desk shows the schema and the guidelines as they are now."""
        from labelwright.entry.cli.servers import refresh_desks  # noqa: PLC0415

        refresh_desks(self._place)

    def _models(self) -> APIRouter:
        """The current model, by Label Studio's ML-backend protocol."""
        return ml_router(
            lambda: self._place.secrets.ensure("ml_secret", 40),
            lambda: current_version(self._project),
            lambda tasks: suggest_for_tasks(self._project, tasks),
        )

    def _origins(self) -> Collection[str]:
        return self._place.label_studio_origins()

    def _examine(self) -> list[dict[str, str]]:
        """The lead's list, walked now."""
        from labelwright.entry.cli.doctor import examine_workspace  # noqa: PLC0415 - it loads every export format

        return examine_workspace(self._place, self._project)

    def _state(self) -> str:
        return self._worker.state

    def _wake(self) -> None:
        self._worker.wake()

    def _append(self, desk: int) -> None:
        self._project.store.append_event(desk, self._project.clock.now())
        self._worker.wake()

    def _find(self, item: str) -> Item | None:
        return self._project.store.items([item]).get(item)
