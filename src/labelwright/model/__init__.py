"""Frozen values that every layer speaks in: no behaviour beyond what follows from their fields."""
