"""The label inferred from several annotations, with its posterior."""

from labelwright.consensus.anchored_dawid_skene import AnchoredDawidSkene
from labelwright.consensus.dawid_skene import DawidSkene
from labelwright.consensus.glad import GLAD
from labelwright.consensus.mace import MACE
from labelwright.consensus.majority_vote import MajorityVote
from labelwright.consensus.one_coin import OneCoin
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.wawa import Wawa

__all__ = [
    "GLAD",
    "MACE",
    "AnchoredDawidSkene",
    "ConsensusResult",
    "DawidSkene",
    "MajorityVote",
    "OneCoin",
    "Wawa",
]
