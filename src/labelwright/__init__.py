"""Labelwright runs a labeling project from raw data to training set, on top of Label Studio."""

__version__ = "0.1.0"
