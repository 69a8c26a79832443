"""Consensus to training set, predictions to measures: pure, no model in it."""

from labelwright.learning.accuracy import accuracy, predicted_classes, recall_by_class, wilson
from labelwright.learning.curve import CurvePoint, gain_per_100, learning_curve
from labelwright.learning.training_set import TrainingSet, training_set

__all__ = [
    "CurvePoint",
    "TrainingSet",
    "accuracy",
    "gain_per_100",
    "learning_curve",
    "predicted_classes",
    "recall_by_class",
    "training_set",
    "wilson",
]
