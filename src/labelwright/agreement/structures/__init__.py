"""Agreement on structures: regions drawn on data, free text, rankings."""

from labelwright.agreement.structures.describing import LabelRow, coded_answers, label_frame, region_answers
from labelwright.agreement.structures.matches import (
    ClassMatch,
    MatchAgreement,
    PairMatch,
    exact_match,
    iou_match,
    mean_iou,
    partial_match,
)
from labelwright.agreement.structures.pooling import AnnotatorAgreement, StructureAgreement
from labelwright.agreement.structures.rankings import footrule_similarity, kendall_tau
from labelwright.agreement.structures.relations import relation_match
from labelwright.agreement.structures.texts import chrf, edit_similarity, word_error_rate
from labelwright.agreement.structures.unitizing import ClassAlpha, UnitizingAlpha, unitizing_alpha
from labelwright.matching.drawings import Drawing, Regions, regions_of

__all__ = [
    "AnnotatorAgreement",
    "ClassAlpha",
    "ClassMatch",
    "Drawing",
    "LabelRow",
    "MatchAgreement",
    "PairMatch",
    "Regions",
    "StructureAgreement",
    "UnitizingAlpha",
    "chrf",
    "coded_answers",
    "edit_similarity",
    "exact_match",
    "footrule_similarity",
    "iou_match",
    "kendall_tau",
    "label_frame",
    "mean_iou",
    "partial_match",
    "region_answers",
    "regions_of",
    "relation_match",
    "unitizing_alpha",
    "word_error_rate",
]
