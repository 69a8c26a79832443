"""Structures of two or more annotators to matched groups."""
