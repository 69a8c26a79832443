"""Datasets in folders: written whole or not at all."""

from labelwright.adapters.datasets.folders import LocalFolders

__all__ = ["LocalFolders"]
