"""Consensus to training set; predictions to scores."""
