"""Durable rounds: dbos workflows whose steps are use cases, and the keeper that starts and recovers them."""
