"""Agreement, consensus and gold to decisions: accept, one more answer and of whom, the expert; and the certificate."""

from labelwright.review.audit import AuditPlan, AuditResult, best_plan, forecast, judge, plan_for
from labelwright.review.information import information
from labelwright.review.ranking import Ranker, fit_ranker

__all__ = [
    "AuditPlan",
    "AuditResult",
    "Ranker",
    "best_plan",
    "fit_ranker",
    "forecast",
    "information",
    "judge",
    "plan_for",
]
