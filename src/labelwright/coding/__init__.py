"""Annotations to integer codes and counts: the one place where names become numbers."""
