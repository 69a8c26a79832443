"""Cost, time, sample size and simulation: what a job will take, before it is begun."""

from labelwright.planning.outcomes import Outcome, Simulated
from labelwright.planning.policy import Policy, PolicyKind
from labelwright.planning.recorded import RecordedCrowd, Replay

__all__ = ["Outcome", "Policy", "PolicyKind", "RecordedCrowd", "Replay", "Simulated"]
