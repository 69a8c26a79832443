"""Items, annotators and a policy to assignments; wanted desk against seen desk to actions."""

from labelwright.assignment.delivery import DeliveryPlan, decide_delivery
from labelwright.assignment.intake import IntakePlan, decide_deletions, decide_intake, supersede
from labelwright.assignment.plan import Placement, place

__all__ = [
    "DeliveryPlan",
    "IntakePlan",
    "Placement",
    "decide_deletions",
    "decide_delivery",
    "decide_intake",
    "place",
    "supersede",
]
