"""Items, annotators and a policy to assignments; wanted desk against seen desk to actions."""

from labelwright.assignment.delivery import DeliveryPlan, decide_delivery
from labelwright.assignment.gold import choose_gold
from labelwright.assignment.intake import IntakePlan, decide_deletions, decide_intake, supersede
from labelwright.assignment.order import desk_order, gold_places
from labelwright.assignment.plan import Placement, place
from labelwright.assignment.routing import Candidate, Given, Prefer, Routed, Rule, Wanted, route

__all__ = [
    "Candidate",
    "DeliveryPlan",
    "Given",
    "IntakePlan",
    "Placement",
    "Prefer",
    "Routed",
    "Rule",
    "Wanted",
    "choose_gold",
    "decide_deletions",
    "decide_delivery",
    "decide_intake",
    "desk_order",
    "gold_places",
    "place",
    "route",
    "supersede",
]
