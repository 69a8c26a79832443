"""Annotations to integer codes and counts: the one place where names become numbers."""

from labelwright.coding.coded import Coded, Names, as_list, names_at
from labelwright.coding.joins import coded_rows, item_table, latest_times, match_items, pattern_rows
from labelwright.coding.patterns import Patterns
from labelwright.coding.table import encode

__all__ = [
    "Coded",
    "Names",
    "Patterns",
    "as_list",
    "coded_rows",
    "encode",
    "item_table",
    "latest_times",
    "match_items",
    "names_at",
    "pattern_rows",
]
