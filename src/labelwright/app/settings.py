"""The one typed settings file, `labelwright.yaml`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from labelwright.app.settings_base import Filled, Share
from labelwright.app.settings_base import Section as _Section
from labelwright.app.settings_console import Console
from labelwright.app.settings_loop import Loop
from labelwright.app.settings_media import Media
from labelwright.app.settings_models import Llm, Model, Preannotate
from labelwright.app.settings_people import Budget, Certify, Gold, Mail, Overlap, Qualification, Review, Team, Watch
from labelwright.app.settings_pool import PoolWork, Sampling

FILE_NAME = "labelwright.yaml"


class Data(_Section):
    """Where the pool is and which columns mean what. ``probe``: media files are decoded when they are read in.

    ``files`` are paths, or objects of an S3-compatible store (``s3://bucket/key``; see ``media`` for its keys).
    """

    files: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    id: str | None = None
    group: str | None = None
    label: str | None = None
    metadata: tuple[str, ...] = ()
    encoding: str | None = None
    probe: bool = True


class SchemaFile(_Section):
    """The labeling config; ``control`` is the one that is trained and exported (default: the first)."""

    file: Path = Path("schema.xml")
    control: str | None = None


class Export(_Section):
    """Shares of the splits, by a hash of the item's group."""

    train: Share = 0.8
    validation: Share = 0.1
    test: Share = 0.1
    dir: Path = Path("exports")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-9:
            message = "train + validation + test must be 1"
            raise ValueError(message)
        return self


class LabelStudio(_Section):
    """Managed (no url) or yours (url and token).

    A token may be written as ``${NAME}`` to be read from the environment.
    """

    url: str | None = None
    token: str | None = Field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    public_url: str | None = None
    database: str | None = Field(default=None, repr=False)

    @property
    def managed(self) -> bool:
        """Labelwright installs, starts and stops it."""
        return self.url is None


class Server(_Section):
    """Labelwright's own server; ``reconcile_seconds`` is how often intake looks without being told.

    ``public_url`` is its address as browsers reach it, behind a reverse proxy: for annotators' own pages,
    for media and for the console, unless those name one of their own.
    """

    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    public_url: Annotated[str, Field(pattern=r"^https?://[^/?#]+/?$")] | None = None
    database: str | None = Field(default=None, repr=False)
    reconcile_seconds: PositiveFloat = 15
    sweep_seconds: PositiveFloat = 120


class Settings(_Section):
    """Everything that is set for one labeling project."""

    version: Literal[1] = 1
    name: Filled
    data: Data = Data()
    labeling: SchemaFile = Field(default=SchemaFile(), alias="schema")
    guidelines: Path = Path("guidelines.md")
    team: Team = Team()
    overlap: Overlap = Overlap()
    certify: Certify = Certify()
    gold: Gold = Gold()
    review: Review = Review()
    watch: Watch = Watch()
    qualification: Qualification = Qualification()
    mail: Mail = Mail()
    pool: PoolWork = PoolWork()
    sampling: Sampling = Sampling()
    model: Model = Model()
    preannotate: Preannotate = Preannotate()
    llm: Llm = Llm()
    loop: Loop = Loop()
    export: Export = Export()
    budget: Budget = Budget()
    deadline: date | None = None
    expected_distribution: dict[str, Share] = Field(default_factory=dict)
    media: Media = Media()
    label_studio: LabelStudio = LabelStudio()
    server: Server = Server()
    console: Console = Console()
    simulated: str | None = None

    @property
    def console_url(self) -> str | None:
        """The console's address as browsers see it, without a slash at the end; None without a proxy."""
        return _without_slash(self.console.public_url or self.server.public_url)

    @property
    def media_url(self) -> str | None:
        """The same of media."""
        return _without_slash(self.media.public_url or self.server.public_url)

    @property
    def pages_url(self) -> str | None:
        """The same of annotators' own pages."""
        return _without_slash(self.server.public_url)


def _without_slash(url: str | None) -> str | None:
    return url.rstrip("/") if url else None
