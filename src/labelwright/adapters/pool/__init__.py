"""Pools of items: the user's own files, read where they are."""
