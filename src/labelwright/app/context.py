"""What every use case works on: one labeling project with its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.app.settings import Settings
from labelwright.model.errors import SchemaError
from labelwright.model.learned import ModelRecord
from labelwright.model.schema import Control, Schema
from labelwright.ports import Clock, Codec, Embedder, Media, Pool, PoolEngine, ScoreTables, Shelf, Store
from labelwright.ports.suggesting import Suggester


@dataclass(frozen=True, slots=True)
class Project:
    """One labeling project.

    Attributes:
        id: tells this workspace from others on the same Label Studio.
        root: the workspace's folder.
        settings: what `labelwright.yaml` says.
        schema: the labeling config, read.
        guidelines: Markdown, as the lead wrote it.
        scores: what each model version says of the pool.
        picture_hash: what a picture looks like, in 64 bits.
        engine: where work on the whole pool is done.
        embedder: where items lie, for batches that are diverse.
        instructions: the guidelines as clean HTML for the labeling screen.
        asking: the schema with what desks ask beside it ("unsure"); None where they ask nothing more.
        reviewing: the same for review desks, with the reviewer's reason.
        check: problems of one annotation's raw JSON under the schema.
        new_key: a fresh opaque id for an assignment.
        suggester: where suggestions on the desks come from; None where there are none.
        track: told of every model that was trained and compared.
        vectors: the user's own embedding, a vector by item id; None where the settings name none.
    """

    id: str
    root: Path
    settings: Settings
    schema: Schema
    guidelines: str
    instructions: str
    store: Store
    pool: Pool
    shelf: Shelf
    scores: ScoreTables
    embedder: Embedder
    engine: PoolEngine
    picture_hash: Callable[[Path], int | None]
    codec: Codec
    media: Media
    clock: Clock
    check: Callable[[str], tuple[str, ...]]
    new_key: Callable[[], str]
    vectors: Callable[[], Mapping[str, Any] | None] = lambda: None
    suggester: Callable[[Project], Suggester | None] = lambda _: None
    track: Callable[[ModelRecord], None] = lambda _: None
    asking: Schema | None = None
    reviewing: Schema | None = None
    _versions: dict[str, int] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def full_schema(self) -> Schema:
        """Every question that any desk asks: what answers are read by."""
        return self.reviewing or self.asking or self.schema

    def schema_of(self, kind: str) -> Schema:
        """What a kind of desk asks."""
        return self.full_schema if kind == "review" else self.asking or self.schema

    @property
    def control(self) -> Control:
        """The control that is trained and exported.

        Raises:
            SchemaError: the settings name one that is not there, or there is none.
        """
        name = self.settings.labeling.control
        found = self.schema.control(name) if name else next((c for c in self.schema.controls if not c.per_region), None)
        if found is None:
            raise SchemaError(
                f"The schema has no control named {name}" if name else "The schema has no control",
                where=str(self.settings.labeling.file),
                next_step="Set schema.control in labelwright.yaml to one of: "
                + ", ".join(c.name for c in self.schema.controls),
            )
        return found

    def versions(self) -> tuple[int, int]:
        """Versions of the schema and the guidelines that this project was read with; a new text is a new version.

        They are kept when first asked for: while another process has read the files anew and this one not yet, each
        would take the other's text for a change, and count up without end.
        """
        if not self._versions:
            now = self.clock.now()
            texts = {"schema": self.schema.xml, "guidelines": self.guidelines}
            self._versions.update({kind: self.store.put_document(kind, text, now) for kind, text in texts.items()})
        return self._versions["schema"], self._versions["guidelines"]

    def rng(self, *salt: int) -> np.random.Generator:
        """A generator that depends on the settings' seed and the salt only."""
        return np.random.default_rng([self.settings.sampling.seed, *salt])
