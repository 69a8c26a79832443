"""Pool scores and chance to ranked items. Each strategy: ``(…, n, rng)`` → n distinct row numbers, best first."""

from labelwright.sampling.at_random import random
from labelwright.sampling.entropy import entropy
from labelwright.sampling.least_confidence import least_confidence
from labelwright.sampling.margin import margin
from labelwright.sampling.stratified import stratified

__all__ = ["entropy", "least_confidence", "margin", "random", "stratified"]
