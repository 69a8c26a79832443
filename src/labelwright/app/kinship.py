"""Items that are nearly the same: only one of them goes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.context import Project
from labelwright.app.reading import media_field, text_of
from labelwright.learning.representatives import pictures_alike, texts_alike
from labelwright.model.project import Item
from labelwright.ports import Reads


def likeness_of(project: Project) -> Callable[[Item], int | None] | None:
    """What tells whether two items' pictures look the same (see `Project.picture_hash`); None where none are shown."""
    field = media_field(project, Reads.IMAGE)
    if field is None:
        return None

    def look(item: Item) -> int | None:
        path = project.media.path(item, field)
        return None if path is None else project.picture_hash(path)

    return look


@dataclass(frozen=True, slots=True)
class Distinct:
    """Tells which items repeat one that went out, or one before them.

    Attributes:
        project: the labeling project.
        out: items that went out already.
    """

    project: Project
    out: Sequence[Item]

    def repeats(self, items: Sequence[Item]) -> NDArray[np.bool_]:
        """Whether each item repeats another, shape (items,): the first of those that are alike does not."""
        known, at_least = [*self.out, *items], self.project.settings.pool.near_duplicates
        if at_least is None or not items:
            return np.zeros(len(items), dtype=np.bool_)
        first = np.minimum(self._texts(known, at_least), self._pictures(known))
        return np.asarray(first[len(self.out) :] != np.arange(len(self.out), len(known)), dtype=np.bool_)

    def _texts(self, items: Sequence[Item], at_least: float) -> NDArray[np.int64]:
        if media_field(self.project, Reads.IMAGE) is not None:  # a caption does not make two pictures the same
            return np.arange(len(items), dtype=np.int64)
        return texts_alike([text_of(self.project, item) for item in items], at_least)

    def _pictures(self, items: Sequence[Item]) -> NDArray[np.int64]:
        look = likeness_of(self.project)
        if look is None:
            return np.arange(len(items), dtype=np.int64)
        return pictures_alike([look(item) for item in items])
