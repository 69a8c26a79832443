"""How far annotators agree, corrected for chance, with intervals."""

from labelwright.agreement.alpha import krippendorff_alpha
from labelwright.agreement.cohen import cohen_kappa, scott_pi
from labelwright.agreement.fleiss import fleiss_kappa
from labelwright.agreement.gwet import brennan_prediger, gwet_ac1, gwet_ac2
from labelwright.agreement.icc import icc
from labelwright.agreement.kendall import kendall_w
from labelwright.agreement.percent import percent_agreement
from labelwright.agreement.result import Agreement, PairAgreement, PairwiseAgreement
from labelwright.agreement.sets import alpha_paths, alpha_sets

__all__ = [
    "Agreement",
    "PairAgreement",
    "PairwiseAgreement",
    "alpha_paths",
    "alpha_sets",
    "brennan_prediger",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "icc",
    "kendall_w",
    "krippendorff_alpha",
    "percent_agreement",
    "scott_pi",
]
