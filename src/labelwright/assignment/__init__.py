"""Items, annotators and a policy to assignments; wanted desk against seen desk to actions."""
