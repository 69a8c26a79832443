"""How far annotators agree, corrected for chance, with intervals."""

from labelwright.agreement.alpha import krippendorff_alpha
from labelwright.agreement.cohen import cohen_kappa, scott_pi
from labelwright.agreement.fleiss import fleiss_kappa
from labelwright.agreement.percent import percent_agreement
from labelwright.agreement.result import Agreement, PairAgreement, PairwiseAgreement

__all__ = [
    "Agreement",
    "PairAgreement",
    "PairwiseAgreement",
    "cohen_kappa",
    "fleiss_kappa",
    "krippendorff_alpha",
    "percent_agreement",
    "scott_pi",
]
