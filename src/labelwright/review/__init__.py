"""Agreement, consensus and gold to decisions: accept, one more answer and of whom, the expert; and the certificate."""

from labelwright.review.audit import AuditPlan, AuditResult, forecast, judge, plan_by_errors, plan_for
from labelwright.review.information import information
from labelwright.review.ladder import Climb, Ladder, best_ladder, climb
from labelwright.review.ranking import Ranker, fit_ranker

__all__ = [
    "AuditPlan",
    "AuditResult",
    "Climb",
    "Ladder",
    "Ranker",
    "best_ladder",
    "climb",
    "fit_ranker",
    "forecast",
    "information",
    "judge",
    "plan_by_errors",
    "plan_for",
]
