"""Labelwright's own server."""
