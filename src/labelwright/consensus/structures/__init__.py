"""The consensus on structures: what several annotators drew, as one answer with probabilities."""

from labelwright.consensus.structures.fusing import fused
from labelwright.consensus.structures.infer import structure_consensus
from labelwright.consensus.structures.result import DrawingSkill, FusedRegion, Member, StructureConsensus
from labelwright.matching.drawings import Drawing, Regions, regions_of

__all__ = [
    "Drawing",
    "DrawingSkill",
    "FusedRegion",
    "Member",
    "Regions",
    "StructureConsensus",
    "fused",
    "regions_of",
    "structure_consensus",
]
