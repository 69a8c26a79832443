"""The pool in the user's own files."""
