"""Pool scores and chance to ranked items. Each strategy: ``(…, n, rng)`` → n distinct row numbers, best first."""

from labelwright.sampling.at_random import random
from labelwright.sampling.badge import badge
from labelwright.sampling.class_balance import class_balance
from labelwright.sampling.committee import committee
from labelwright.sampling.density import density
from labelwright.sampling.entropy import entropy
from labelwright.sampling.hybrid import hybrid
from labelwright.sampling.k_center import k_center
from labelwright.sampling.kmeans import kmeans
from labelwright.sampling.least_confidence import least_confidence
from labelwright.sampling.margin import margin
from labelwright.sampling.rare_class import rare_class
from labelwright.sampling.relabel import relabel
from labelwright.sampling.stratified import stratified

__all__ = [
    "badge",
    "class_balance",
    "committee",
    "density",
    "entropy",
    "hybrid",
    "k_center",
    "kmeans",
    "least_confidence",
    "margin",
    "random",
    "rare_class",
    "relabel",
    "stratified",
]
