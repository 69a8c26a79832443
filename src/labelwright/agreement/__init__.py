"""How far annotators agree, corrected for chance, with intervals."""

from labelwright.agreement.alpha import krippendorff_alpha
from labelwright.agreement.breakdown import by_class, by_pair, by_slice, over_time
from labelwright.agreement.cohen import cohen_kappa, scott_pi
from labelwright.agreement.compare import compare
from labelwright.agreement.fleiss import fleiss_kappa
from labelwright.agreement.gwet import brennan_prediger, gwet_ac1, gwet_ac2
from labelwright.agreement.icc import icc
from labelwright.agreement.kendall import kendall_w
from labelwright.agreement.others import by_annotator
from labelwright.agreement.percent import percent_agreement
from labelwright.agreement.remedies import ClassPair, Remedies, Standing, merge_remedies
from labelwright.agreement.result import Agreement, Comparison, PairAgreement, PairwiseAgreement, Part
from labelwright.agreement.scale import Verbal, verbal_scale
from labelwright.agreement.sets import alpha_paths, alpha_sets

__all__ = [
    "Agreement",
    "ClassPair",
    "Comparison",
    "PairAgreement",
    "PairwiseAgreement",
    "Part",
    "Remedies",
    "Standing",
    "Verbal",
    "alpha_paths",
    "alpha_sets",
    "brennan_prediger",
    "by_annotator",
    "by_class",
    "by_pair",
    "by_slice",
    "cohen_kappa",
    "compare",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "icc",
    "kendall_w",
    "krippendorff_alpha",
    "merge_remedies",
    "over_time",
    "percent_agreement",
    "scott_pi",
    "verbal_scale",
]
