"""Pool scores and chance to ranked items. Each strategy: ``(…, n, rng)`` → n distinct row numbers, best first."""

from labelwright.sampling.at_random import random
from labelwright.sampling.badge import badge
from labelwright.sampling.density import density
from labelwright.sampling.entropy import entropy
from labelwright.sampling.hybrid import hybrid
from labelwright.sampling.k_center import k_center
from labelwright.sampling.kmeans import kmeans
from labelwright.sampling.least_confidence import least_confidence
from labelwright.sampling.margin import margin
from labelwright.sampling.stratified import stratified

__all__ = [
    "badge",
    "density",
    "entropy",
    "hybrid",
    "k_center",
    "kmeans",
    "least_confidence",
    "margin",
    "random",
    "stratified",
]
