"""Recorded answers, given again under another policy: what it would have cost, and what the labels would be worth."""

from labelwright.app.simulation.run import Question, simulate

__all__ = ["Question", "simulate"]
