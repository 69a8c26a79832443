"""Annotations to integer codes and counts: the one place where names become numbers."""

from labelwright.coding.coded import Coded, Names
from labelwright.coding.patterns import Patterns
from labelwright.coding.table import encode

__all__ = ["Coded", "Names", "Patterns", "encode"]
