"""Learners by name: made as the settings say, and read back from their files."""

from __future__ import annotations

from pathlib import Path

from labelwright.ports import Learner


def load_learner(path: Path) -> Learner:
    """Read a model's file with the learner that wrote it.

    Raises:
        DataError: the file is no model of ours, or cannot be used.
    """
    from labelwright.adapters.learners.text import TextLearner  # noqa: PLC0415 - scikit-learn takes a second to load

    return TextLearner.load(path)
