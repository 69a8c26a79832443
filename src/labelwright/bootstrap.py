"""The only wiring: from a workspace's folder to a project with its ports."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from labelwright import __version__
from labelwright.adapters.runtime import HOST, OwnServer, is_loopback, origin_of
from labelwright.adapters.secrets import SecretsFile, new_key
from labelwright.adapters.settings import read_settings
from labelwright.app.hooks import HOOK_PATH, SECRET_HEADER, Hook
from labelwright.app.settings import FILE_NAME, Settings
from labelwright.model.errors import OutsideServiceError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from labelwright.adapters.labelstudio.client import LabelStudioClient
    from labelwright.adapters.labelstudio.managed import ManagedLabelStudio
    from labelwright.adapters.media.buckets import Buckets
    from labelwright.adapters.media.files import LocalMedia
    from labelwright.adapters.model_sources import ModelSources
    from labelwright.adapters.pool.copies import Copies
    from labelwright.app.context import Project
    from labelwright.app.turning import Turn
    from labelwright.model.schema import Schema
    from labelwright.ports import Desks, Learner, PoolSpec, Progress

STATE = ".labelwright"


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class Workspace:
    """A labeling project's folder. Opening it touches nothing but the settings file."""

    root: Path
    settings: Settings
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")

    @property
    def state(self) -> Path:
        """The folder for everything that Labelwright keeps."""
        return self.root / STATE

    @cached_property
    def secrets(self) -> SecretsFile:
        """Passwords and tokens."""
        return SecretsFile(self.state / "secrets.json")

    @cached_property
    def server(self) -> OwnServer:
        """Labelwright's own server."""
        return OwnServer(self.root, self.state)

    @cached_property
    def label_studio(self) -> ManagedLabelStudio:
        """The managed Label Studio; its administrator is drawn on first use."""
        from labelwright.adapters.labelstudio.managed import (  # noqa: PLC0415
            Administrator,
            ManagedLabelStudio,
            ManagedSettings,
        )

        settings, published = self.settings.label_studio, self.server.publication()
        return ManagedLabelStudio(
            ManagedSettings(
                state_dir=self.state / "label-studio",
                host=published.host or settings.host,
                port=settings.port,
                public_url=self.public_url(),
                database=settings.database,
            ),
            Administrator(
                f"admin@{self.secrets.ensure('workspace_id')[:8]}.labelwright.example.org",
                self.secrets.ensure("admin_password"),
                self.secrets.ensure("admin_token", 40),
            ),
        )

    def stamp(self) -> str:
        """Changes when a file that the server reads at its start has changed."""
        digest = sha256(self.schema.xml.encode() + b"\0" + self.guidelines.encode() + b"\0")
        digest.update((self.root / FILE_NAME).read_bytes() + __version__.encode())
        return digest.hexdigest()

    def path(self, relative: Path) -> Path:
        """A path of the settings, which are relative to the workspace."""
        return relative if relative.is_absolute() else self.root / relative

    @cached_property
    def schema(self) -> Schema:
        """The labeling config, read."""
        from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415

        return read_config(self._text(self.settings.labeling.file, "schema"))

    @cached_property
    def guidelines(self) -> str:
        """The guidelines as the lead wrote them."""
        return self._text(self.settings.guidelines, "guidelines")

    def _text(self, relative: Path, what: str) -> str:
        path = self.path(relative)
        try:
            return path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingsError(
                f"The {what} cannot be read: {problem}",
                where=str(path),
                next_step=f"Put the file there, in UTF-8, or correct the {what} setting in labelwright.yaml",
            ) from problem

    def pool_spec(self) -> PoolSpec:
        """Where the pool is, as the settings say."""
        from labelwright.ports import PoolSpec  # noqa: PLC0415

        data = self.settings.data
        files = tuple(map(self.data_file, data.files))
        links = tuple(f for f in self.link_fields if f in data.fields)
        return PoolSpec(
            files, data.fields, data.id, data.group, data.label, data.metadata, data.encoding, links, data.probe
        )

    def data_file(self, name: str) -> Path:
        """A data file of the settings on this disk: of an object in a store its copy, which an import makes."""
        return self.copies.place(name) if name.startswith("s3://") else self.path(Path(name))

    @cached_property
    def copies(self) -> Copies:
        """Copies of data files that are objects of a store."""
        from labelwright.adapters.pool.copies import Copies  # noqa: PLC0415

        return Copies(self.state / "pool" / "objects", self.buckets)

    @cached_property
    def buckets(self) -> Buckets:
        """The object store of the settings."""
        from labelwright.adapters.media.buckets import Buckets  # noqa: PLC0415

        own = self.settings.media
        return Buckets(own.endpoint, own.key, own.secret, own.region)

    def _changed_objects(self) -> list[str]:
        from labelwright.adapters.pool.copies import remote  # noqa: PLC0415

        objects = remote(self.settings.data.files)
        return list(self.copies.changed(objects)) if objects else []

    @cached_property
    def link_fields(self) -> tuple[str, ...]:
        """Data fields that the screen loads from an address rather than shows as text."""
        media = {"Image", "Audio", "AudioPlus", "Video", "HyperText", "TimeSeries", "Pdf", "PDF"}
        return tuple(o.field for o in self.schema.objects if o.tag in media - {"HyperText", "TimeSeries"} and o.field)

    @cached_property
    def media(self) -> LocalMedia:
        """Files and objects behind the items' fields, and links to them."""
        from labelwright.adapters.media.files import LocalMedia  # noqa: PLC0415
        from labelwright.adapters.media.thumbnails import Thumbnails  # noqa: PLC0415

        own, buckets = self.settings.media, self.buckets
        files = [self.data_file(f) for f in self.settings.data.files]
        return LocalMedia(
            roots=tuple(f if f.is_dir() else f.parent for f in files),
            fields=frozenset(self.link_fields),
            secret=cache(lambda: self.secrets.ensure("media_secret", 64)),
            address=self.media_address,
            now=lambda: SystemClock().now().timestamp(),
            buckets=buckets,
            direct=self._sent_to_the_store(buckets) if own.links == "auto" else lambda _: own.links == "presigned",
            thumbnails=Thumbnails(self.state / "thumbnails"),
        )

    def _sent_to_the_store(self, buckets: Buckets) -> Callable[[str], bool]:
        """Asked once for each bucket: may all pages that show media read from it?"""
        asked: dict[str, bool] = {}

        def direct(url: str) -> bool:
            bucket = url.split("/", 3)[2]
            if bucket not in asked:
                origins = self.label_studio_origins()
                asked[bucket] = bool(origins) and all(buckets.shows_to(url, origin) for origin in origins)
            return asked[bucket]

        return direct

    def media_address(self) -> str:
        """Where browsers find Labelwright's server, now or when it is up again.

        Raises:
            OutsideServiceError: it was never started, or annotators use an address of another machine, from which
                nothing leads to the files of this one.
        """
        own, public = self.settings.media_url, self.public_url()
        if own:
            return own
        if public and not is_loopback(public):
            raise OutsideServiceError(
                f"Annotators at {public} cannot be shown files of this machine: they are served on {HOST} only",
                where=", ".join(self.link_fields),
                next_step="Put a reverse proxy before Labelwright's server and set server.public_url to its address, "
                "or put the files on a web server and their http(s) links into the data",
            )
        port = self.server.port(self.settings.server.port)
        if port is None:
            raise OutsideServiceError(
                "Local files are shown by Labelwright's server, which does not run",
                next_step="Start it: labelwright up",
            )
        return f"http://{HOST}:{port}"

    def label_studio_origins(self) -> Collection[str]:
        """Where Label Studio's pages come from: only they may read media with a script."""
        own = None if self.settings.label_studio.url else self.label_studio.running()
        urls = (self.settings.label_studio.url, self.public_url(), own.url if own else None)
        return {origin_of(url) for url in urls if url}

    def project(self, progress: Progress | None = None) -> Project:
        """The project with its ports; the database is brought up to date."""
        from labelwright.adapters.guidelines import to_html  # noqa: PLC0415
        from labelwright.adapters.labelstudio.asking import asking  # noqa: PLC0415
        from labelwright.adapters.labelstudio.codec import LabelStudioCodec, check_answer  # noqa: PLC0415
        from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
        from labelwright.adapters.learners.embedding import TextEmbedder  # noqa: PLC0415
        from labelwright.adapters.learners.registry import load_learner  # noqa: PLC0415
        from labelwright.adapters.media.likeness import picture_hash  # noqa: PLC0415
        from labelwright.adapters.pool.engine import DaftEngine  # noqa: PLC0415
        from labelwright.adapters.pool.files import FilePool  # noqa: PLC0415
        from labelwright.adapters.pool.scores import ParquetScores  # noqa: PLC0415
        from labelwright.adapters.shelf import FileShelf  # noqa: PLC0415
        from labelwright.adapters.store.engine import open_store, sqlite_url  # noqa: PLC0415
        from labelwright.app.context import Project  # noqa: PLC0415

        codec, schema = LabelStudioCodec(), self.schema
        asked = read_config(asking(schema.xml, unsure=self.settings.review.unsure))
        full = read_config(asking(asked.xml, why=True))
        return Project(
            id=self.secrets.ensure("workspace_id"),
            root=self.root,
            settings=self.settings,
            schema=schema,
            guidelines=self.guidelines,
            instructions=to_html(self.guidelines),
            store=open_store(self.settings.server.database or sqlite_url(self.state / "state.db")),
            pool=FilePool(self.state / "pool", progress, self._changed_objects),
            shelf=FileShelf(self.state / "models", partial(load_learner, allowed=self.settings.model.allow)),
            scores=ParquetScores(self.state / "pool" / "scores"),
            picture_hash=picture_hash,
            engine=DaftEngine(self.settings.pool.engine, self.root, open_project),
            embedder=TextEmbedder(lambda: [f for f in schema.data_fields if f not in self.media.fields]),
            codec=codec,
            media=self.media,
            clock=SystemClock(),
            check=lambda raw: check_answer(codec.decode(raw, full), full),
            new_key=new_key,
            vectors=lambda: self.models.vectors,
            suggester=self.models.suggester,
            track=self.models.track,
            asking=asked,
            reviewing=full,
        )

    @cached_property
    def models(self) -> ModelSources:
        """What learns and what suggests."""
        from labelwright.adapters.model_sources import ModelSources  # noqa: PLC0415

        return ModelSources(self.settings, self.path)

    def new_learner(self, project: Project) -> Callable[[], Learner]:
        """Makes models that have learned nothing yet, of the kind that suits the project."""
        return self.models.new_learner(project)

    def rounds_database(self) -> tuple[str, str]:
        """Address of the workflows' database, apart from the store's, and the schema of its tables.

        On SQLite a file of its own, on PostgreSQL a schema of its own in the same database.
        """
        url = self.settings.server.database
        if url is None or url.startswith("sqlite:"):
            return f"sqlite:///{self.state / 'rounds.db'}", "rounds"
        return "postgresql://" + url.split("://", 1)[1], "labelwright_rounds"

    @property
    def most_workers(self) -> int:
        """How many processes may serve this workspace at once: SQLite has one writer."""
        return 1 if self.rounds_database()[0].startswith("sqlite:") else 16

    def turn(
        self,
        project: Project,
        progress: Progress,
        *,
        rest: Callable[[float], None],
        worker: str | None = None,
        batch: int | None = None,
        force: bool = False,
    ) -> Turn:
        """What a round of this workspace is turned with."""
        from labelwright.adapters.reference import read_reference  # noqa: PLC0415
        from labelwright.app.steps import STEPS  # noqa: PLC0415
        from labelwright.app.turning import Tools, Turn  # noqa: PLC0415

        known = self.settings.model.reference
        tools = Tools(
            connect=self.desks,
            new_learner=lambda: self.new_learner(project)(),  # noqa: PLW0108 - its kind is looked up when one is wanted
            reference=lambda: read_reference(self.path(known)) if known else {},
            progress=progress,
            rest=rest,
            predictions=partial(self.models.own_predictions, project),
            batch=batch,
            force=force,
        )
        return Turn(project, worker or self.owner, STEPS, tools)

    def client(self) -> LabelStudioClient:
        """Label Studio's REST interface, as the administrator.

        Raises:
            OutsideServiceError: the managed server does not run.
        """
        from labelwright.adapters.labelstudio.client import LabelStudioClient  # noqa: PLC0415

        return LabelStudioClient(self.label_studio_url(), self._token())

    def desks(self) -> Desks:
        """Label Studio, seen as desks."""
        from labelwright.adapters.labelstudio.desks import LabelStudioDesks  # noqa: PLC0415

        return LabelStudioDesks(self.client(), self.public_url())

    def label_studio_url(self) -> str:
        """Where this machine reaches Label Studio."""
        if self.settings.label_studio.url:
            return self.settings.label_studio.url
        running = self.label_studio.running()
        if running is None:
            raise OutsideServiceError("Label Studio does not run", next_step="Start it: labelwright up")
        return running.url

    def public_url(self) -> str | None:
        """The address that annotators use, where it differs."""
        return self.server.publication().public_url or self.settings.label_studio.public_url

    def pages_address(self) -> str | None:
        """Where browsers find annotators' own pages; None while nothing serves them."""
        running = self.server.running()
        return self.settings.pages_url or (running.url if running else None)

    def hook(self) -> Hook | None:
        """Where Label Studio reports to, while Labelwright's server runs."""
        server = self.server.running()
        if server is None:
            return None
        return Hook(f"{server.url}{HOOK_PATH}", {SECRET_HEADER: self.secrets.ensure("webhook_secret")})

    def _token(self) -> str:
        own = self.settings.label_studio
        token = self.secrets.ensure("admin_token", 40) if own.managed else own.token
        if not token:
            raise SettingsError(
                "There is no token for Label Studio",
                where="labelwright.yaml: label_studio.token",
                next_step="Copy one from Label Studio (Account & Settings) or write ${LABEL_STUDIO_TOKEN} there",
            )
        return str(token)


def open_workspace(root: Path) -> Workspace:
    """The workspace in that folder.

    Raises:
        SettingsError: it is none, or its settings cannot be used.
    """
    root = root.absolute()
    return Workspace(root, read_settings(root))


def open_project(root: Path) -> Project:
    """The project of that workspace, as a worker in another process opens it."""
    return open_workspace(root).project()
