"""Consensus to training set, predictions to measures and doubts: pure, no model in it."""

from labelwright.learning.accuracy import accuracy, predicted_classes, recall_by_class, wilson
from labelwright.learning.curve import CurvePoint, gain_per_100, learning_curve
from labelwright.learning.label_errors import LabelErrors, Suspect, label_errors
from labelwright.learning.near_duplicates import DuplicatePair, near_duplicates
from labelwright.learning.training_set import TrainingSet, training_set

__all__ = [
    "CurvePoint",
    "DuplicatePair",
    "LabelErrors",
    "Suspect",
    "TrainingSet",
    "accuracy",
    "gain_per_100",
    "label_errors",
    "learning_curve",
    "near_duplicates",
    "predicted_classes",
    "recall_by_class",
    "training_set",
    "wilson",
]
