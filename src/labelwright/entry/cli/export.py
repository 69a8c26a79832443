"""`labelwright export`: a dataset from the consensus."""

from __future__ import annotations
