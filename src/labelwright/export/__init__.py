"""Consensus to rows or bytes, one format a file."""

from labelwright.export.building import build_records, pseudonyms_of
from labelwright.export.checks import Problem, check_records, find_problems
from labelwright.export.columns import columns_of
from labelwright.export.csv import restore as restore_csv_text
from labelwright.export.encoding import Dataset, EncodedFile, Format
from labelwright.export.formats import FORMATS, formats_named
from labelwright.export.manifest import Provenance
from labelwright.export.records import Record, Records
from labelwright.export.splits import SPLITS, SplitRule, group_of

__all__ = [
    "FORMATS",
    "SPLITS",
    "Dataset",
    "EncodedFile",
    "Format",
    "Problem",
    "Provenance",
    "Record",
    "Records",
    "SplitRule",
    "build_records",
    "check_records",
    "columns_of",
    "find_problems",
    "formats_named",
    "group_of",
    "pseudonyms_of",
    "restore_csv_text",
]
