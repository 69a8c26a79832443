"""Which measure each kind of control takes: its default, the alternatives, or the reason why it has none.

The defaults are corrected for chance where the literature offers a correction for the kind, and F1 over optimally
matched regions where it does not: what nobody drew cannot be counted, and for many such, F1 approaches kappa (Hripcsak
and Rothschild 2005).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from labelwright.model.schema import Control, Kind

_CODING = "labelwright.agreement"
_STRUCTURES = "labelwright.agreement.structures"

#: How answers become labels (see `labelwright.agreement.structures.coded_answers`), or ``drawings``: not at all.
Reads: TypeAlias = Literal["plain", "set", "written", "drawings"]


@dataclass(frozen=True, slots=True)
class MeasureRef:
    """A measure by name.

    Attributes:
        name: what a reader calls it.
        module: where its function stands.
        function: the function.
        options: keyword arguments that make it this measure.
        reads: ``plain``, ``set`` or ``written``: a table item, annotator, label, coded so; ``drawings``: the answers.
        best: the value of full agreement.
    """

    name: str
    module: str
    function: str
    options: tuple[tuple[str, Any], ...] = ()
    reads: Reads = "plain"
    best: float = 1.0

    def resolve(self) -> Callable[..., Any]:
        """The function itself, imported when it is wanted."""
        found: Callable[..., Any] = getattr(import_module(self.module), self.function)
        return found


@dataclass(frozen=True, slots=True)
class MeasureChoice:
    """The measures of a kind of control.

    Attributes:
        default: what is measured unless a user asks for something else; None where nothing is.
        alternatives: what a user may ask for instead.
        reason: why nothing is measured; None where something is.
    """

    default: MeasureRef | None
    alternatives: tuple[MeasureRef, ...] = ()
    reason: str | None = None


def _alpha(level: str, reads: Reads = "plain") -> MeasureRef:
    name = f"Krippendorff's alpha, {level}"
    return MeasureRef(name, _CODING, "krippendorff_alpha", (("level", level),), reads)


def _kappa(weights: str | None) -> MeasureRef:
    name = f"Cohen's kappa, {weights} weights" if weights else "Cohen's kappa"
    return MeasureRef(name, _CODING, "cohen_kappa", (("weights", weights),) if weights else ())


def _coded(name: str, function: str, **options: object) -> MeasureRef:
    return MeasureRef(name, _CODING, function, tuple(options.items()))


def _drawn(name: str, function: str, best: float = 1.0, **options: object) -> MeasureRef:
    return MeasureRef(name, _STRUCTURES, function, tuple(options.items()), "drawings", best)


def _sets(distance: str) -> MeasureRef:
    name = f"Krippendorff's alpha, {distance} distance of sets"
    return MeasureRef(name, _CODING, "alpha_sets", (("distance", distance),), "set")


_NOMINAL = (
    _kappa(None),
    _coded("Fleiss' kappa", "fleiss_kappa"),
    _coded("Gwet's AC1", "gwet_ac1"),
    _coded("Scott's pi", "scott_pi"),
    _coded("Brennan–Prediger", "brennan_prediger"),
    _coded("percent agreement", "percent_agreement"),
)
_IOU = _drawn("F1, IoU ≥ 0.5", "iou_match", at_least=0.5)
_STRICT_IOU = _drawn("F1, IoU ≥ 0.75", "iou_match", at_least=0.75)
_EXACT = _drawn("F1, exact", "exact_match")
_PARTIAL = _drawn("F1, partial", "partial_match")
_FIT = _drawn("mean IoU of matched regions", "mean_iou")
_UNITIZING = _drawn("unitizing alpha", "unitizing_alpha")
_STRETCHES = MeasureChoice(_UNITIZING, (_EXACT, _PARTIAL, _IOU, _FIT))
_AREAS = MeasureChoice(_IOU, (_STRICT_IOU, _PARTIAL, _FIT))
_POINTS = MeasureChoice(_drawn("F1, OKS ≥ 0.5", "iou_match", at_least=0.5), (_FIT,))
_SCALES = (
    _coded("Gwet's AC2, quadratic weights", "gwet_ac2", weights="quadratic"),
    _kappa("quadratic"),
    _kappa("linear"),
    _coded("ICC", "icc"),
    _coded("Kendall's W", "kendall_w"),
)

#: The table. Every kind is in it.
MEASURES: Mapping[Kind, MeasureChoice] = MappingProxyType(
    {
        Kind.CHOICE: MeasureChoice(_alpha("nominal"), (*_NOMINAL, _alpha("ordinal"))),
        Kind.CHOICES: MeasureChoice(_sets("masi"), (_sets("jaccard"),)),
        Kind.TAXONOMY: MeasureChoice(
            MeasureRef("Krippendorff's alpha, distance of paths", _CODING, "alpha_paths", reads="set"),
            (_sets("masi"), _sets("jaccard")),
        ),
        Kind.RATING: MeasureChoice(_alpha("ordinal"), (_alpha("interval"), *_SCALES)),
        Kind.NUMBER: MeasureChoice(_alpha("interval"), (_alpha("ratio"), _coded("ICC", "icc"))),
        Kind.DATETIME: MeasureChoice(_alpha("nominal", "written")),
        Kind.TEXT: MeasureChoice(
            _drawn("normalized edit similarity", "edit_similarity"),
            (
                _drawn("word error rate", "word_error_rate", best=0.0),
                _drawn("chrF", "chrf"),
                _alpha("nominal", "written"),
            ),
        ),
        Kind.PAIRWISE: MeasureChoice(_alpha("nominal"), _NOMINAL),
        Kind.RANKING: MeasureChoice(
            _drawn("Kendall's tau", "kendall_tau"),
            (_drawn("footrule similarity", "footrule_similarity"), _alpha("nominal")),
        ),
        Kind.SPANS: _STRETCHES,
        Kind.SEGMENTS: _STRETCHES,
        Kind.TIMELINE: _STRETCHES,
        Kind.BOXES: _AREAS,
        Kind.POLYGONS: _AREAS,
        Kind.ELLIPSES: _AREAS,
        Kind.MASKS: _AREAS,
        Kind.TRACKS: _AREAS,
        Kind.KEYPOINTS: _POINTS,
        Kind.RELATIONS: MeasureChoice(
            None, reason="links are measured with the regions that they link: F1 of relations"
        ),
        Kind.CHAT: MeasureChoice(
            None,
            reason="every annotator leads a conversation of their own, so that there is nothing to compare; "
            "ask about it with a choice or a rating, which is measured",
        ),
        Kind.UNKNOWN: MeasureChoice(None, reason="the control is not understood; its answers are kept as they are"),
    },
)


def measure_for(kind: Kind) -> MeasureChoice:
    """The measures of a kind of control, or the reason why it has none."""
    return MEASURES[kind]


def measure_of(control: Control) -> MeasureChoice:
    """The measures of a control; the same as those of its kind, unless the codec could not read it."""
    if control.understood:
        return MEASURES[control.kind]
    return MeasureChoice(None, reason=control.reason or MEASURES[Kind.UNKNOWN].reason)
