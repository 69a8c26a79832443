"""The way in for every estimator: annotations to codes, refusing what cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.coding import Coded, encode
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


def annotations_of(annotations: IntoDataFrame | Coded) -> Coded:
    """The annotations as codes.

    Raises:
        DataError: there is none, or a column is missing.
    """
    coded = encode(annotations)
    if not coded.n_annotations:
        raise DataError("There are no annotations to infer a label from", next_step="Give at least one answer")
    return coded
