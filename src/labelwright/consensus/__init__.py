"""The label inferred from several annotations, with its posterior."""

from labelwright.consensus.majority_vote import MajorityVote
from labelwright.consensus.result import ConsensusResult

__all__ = ["ConsensusResult", "MajorityVote"]
