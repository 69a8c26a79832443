"""How far people agree, who needs help with what, and which items go to the expert: the report as a value."""

from labelwright.app.report.build import build_report
from labelwright.app.report.document import document_of
from labelwright.app.report.values import Report

__all__ = ["Report", "build_report", "document_of"]
