"""Consensus by the kind of a control: each module turns one table of answers into one inferred value an item."""
