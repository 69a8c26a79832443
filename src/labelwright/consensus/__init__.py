"""The label inferred from several annotations, with its posterior."""

from labelwright.consensus.anchored_dawid_skene import AnchoredDawidSkene
from labelwright.consensus.bradley_terry import BradleyTerry, PreferenceResult, preferences_of_rankings
from labelwright.consensus.calibration import Calibration, calibrate, calibration_error
from labelwright.consensus.class_bias import class_bias
from labelwright.consensus.copying import copying
from labelwright.consensus.dawid_skene import DawidSkene
from labelwright.consensus.diagnosis import Diagnosis, diagnose
from labelwright.consensus.drift import drift, fatigue
from labelwright.consensus.glad import GLAD
from labelwright.consensus.gold import gold_accuracy
from labelwright.consensus.items import confused_pairs, entropies, hard_items
from labelwright.consensus.leave_one_out import leave_one_out
from labelwright.consensus.mace import MACE
from labelwright.consensus.majority_vote import MajorityVote
from labelwright.consensus.medoid import Medoid
from labelwright.consensus.one_coin import OneCoin
from labelwright.consensus.online import Difference, ItemPosterior, Online
from labelwright.consensus.random_answering import random_answering
from labelwright.consensus.rating_model import RatingModel, RatingResult
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.rover import Rover
from labelwright.consensus.selection import CANDIDATES, select, select_calibrated
from labelwright.consensus.speed import haste
from labelwright.consensus.transcripts import TextResult
from labelwright.consensus.wawa import Wawa
from labelwright.consensus.with_model import with_model

__all__ = [
    "CANDIDATES",
    "GLAD",
    "MACE",
    "AnchoredDawidSkene",
    "BradleyTerry",
    "Calibration",
    "ConsensusResult",
    "DawidSkene",
    "Diagnosis",
    "Difference",
    "ItemPosterior",
    "MajorityVote",
    "Medoid",
    "OneCoin",
    "Online",
    "PreferenceResult",
    "RatingModel",
    "RatingResult",
    "Rover",
    "TextResult",
    "Wawa",
    "calibrate",
    "calibration_error",
    "class_bias",
    "confused_pairs",
    "copying",
    "diagnose",
    "drift",
    "entropies",
    "fatigue",
    "gold_accuracy",
    "hard_items",
    "haste",
    "leave_one_out",
    "preferences_of_rankings",
    "random_answering",
    "select",
    "select_calibrated",
    "with_model",
]
