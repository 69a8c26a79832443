"""A language model as an annotator: asks it about items that people label, too, and keeps what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from labelwright.app.context import Project
from labelwright.app.reading import text_fields, text_of
from labelwright.app.settings_models import Llm
from labelwright.app.suggesting import suggestion_of
from labelwright.assignment import IntakePlan
from labelwright.learning.prompting import ASKED, parse_answer, system_prompt, user_prompt
from labelwright.model.desk import AnnotationRecord
from labelwright.model.errors import LabelwrightError, NothingToDoError, SettingsError
from labelwright.model.project import (
    AnnotationState,
    Annotator,
    AnnotatorKind,
    Assignment,
    AssignmentState,
    Item,
    Purpose,
)
from labelwright.model.values import Answer, Entry
from labelwright.ports import Progress
from labelwright.ports.chat import Chat, ModelAnswer
from labelwright.ports.suggesting import Suggestion

#: What people settle for the test set must not rest on a model.
_SHARED = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.GOLD})


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking came to: items asked, answers that fit the schema, those that do not, and what it cost."""

    asked: int
    valid: int
    invalid: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    left: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def annotate(project: Project, chat: Chat, progress: Progress, *, limit: int | None = None) -> Asked:
    """Ask about every item that people label and that it has not answered; kept one by one, so that it goes on later.

    Args:
        project: the labeling project.
        chat: the language model.
        progress: told how far it is.
        limit: items at most.

    Raises:
        NothingToDoError: there is no such item.
        SettingsError: the schema asks something that a language model is not asked here.
        OutsideServiceError: the endpoint is not well; what was answered before is kept.
    """
    _check(project)
    name = project.settings.llm.name
    known = {a.item for a in project.store.model_answers(name)}
    rounds = {a.item: a.round for a in project.store.assignments(trial=False) if a.purpose in _SHARED}
    todo = sorted(set(rounds) - known)
    if not todo:
        raise NothingToDoError("It has answered every item that people label", next_step="Open the next round")
    _join(project, name)
    now = todo[:limit]
    progress.start(f"Asking {project.settings.llm.model}", len(now))
    answers = []
    for answer in asked_of(project, chat, list(project.store.items(now).values())):
        answers.append(answer)
        _record(project, answer, rounds[answer.item])
        progress.step()
    progress.done()
    return _summary(answers, len(todo) - len(now))


def _check(project: Project) -> None:
    kind = project.control.kind
    if kind not in ASKED:
        raise SettingsError(
            f"A language model is not asked for {kind.value}",
            where=f"control {project.control.name}",
            next_step="It can be asked for " + ", ".join(sorted(k.value for k in ASKED)),
        )
    if not text_fields(project):
        raise SettingsError(
            "A language model is shown text, and the screen shows none",
            where=str(project.settings.labeling.file),
            next_step="Nothing was asked, and nothing was paid",
        )


def _join(project: Project, name: str) -> None:
    """The model is a member of the team, without a desk."""
    if all(a.id != name for a in project.store.annotators()):
        shown = f"{project.settings.llm.model} (model)"
        member = Annotator(name, shown, f"{name}@models.labelwright.invalid", kind=AnnotatorKind.MODEL)
        project.store.put_annotator(member)


def asked_of(project: Project, chat: Chat, items: Sequence[Item]) -> Iterator[ModelAnswer]:
    """Ask about items one by one; each answer is kept before the next question."""
    settings, control = project.settings.llm, project.control
    system = system_prompt(control, project.guidelines)
    for item in items:
        reply = chat.ask(system, user_prompt(text_of(project, item)))
        parsed = parse_answer(reply.text, control)
        answer = ModelAnswer(
            annotator=settings.name,
            item=item.id,
            control=control.name,
            valid=parsed.problem is None,
            label=parsed.label,
            raw=reply.text,
            problem=parsed.problem,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=cost_of(settings, reply.tokens_in, reply.tokens_out),
            seconds=reply.seconds,
            answered_at=project.clock.now(),
        )
        project.store.put_model_answers([answer])
        yield answer


def cost_of(settings: Llm, tokens_in: int, tokens_out: int) -> float | None:
    """What so many tokens cost; None where no price is set."""
    if settings.price_in is None or settings.price_out is None:
        return None
    return (tokens_in * settings.price_in + tokens_out * settings.price_out) / 1e6


def _record(project: Project, answer: ModelAnswer, number: int) -> None:
    """The answer as an annotation like everyone's; one that does not fit the schema is kept as invalid."""
    key = sha256(f"{project.id}\0{answer.annotator}\0{answer.item}".encode()).hexdigest()
    item = project.store.items([answer.item])[answer.item]
    assignment = Assignment(
        f"m{key[:31]}", answer.item, answer.annotator, Purpose.OVERLAP, number, 0, AssignmentState.DONE
    )
    project.store.add_assignments({item.id: (item, None)}, [assignment])
    schema_version, guidelines_version = project.versions()
    record = AnnotationRecord(
        id=-int(key[:14], 16),  # Label Studio's own ids are above 0
        project=0,
        task=0,
        key=assignment.key,
        item=answer.item,
        annotator=answer.annotator,
        state=AnnotationState.VALID if answer.valid else AnnotationState.INVALID,
        created_at=answer.answered_at,
        updated_at=answer.answered_at,
        seconds=answer.seconds,
        purpose=Purpose.OVERLAP,
        round=number,
        raw=json.dumps({"result": _result(project, answer), "model": project.settings.llm.model}),
        schema_version=schema_version,
        guidelines_version=guidelines_version,
        problems=(answer.problem,) if answer.problem else (),
    )
    project.store.apply_intake(0, IntakePlan(records=(record,)), None)


def _result(project: Project, answer: ModelAnswer) -> list[dict[str, Any]]:
    control = project.control
    value = parse_answer(answer.raw, control).value if answer.valid else None
    if value is None:
        return []
    return project.codec.encode(Answer((Entry(control.name, control.to[0] if control.to else "", value),)))


def _summary(answers: Sequence[ModelAnswer], left: int) -> Asked:
    costs = [a.cost for a in answers]
    known = [c for c in costs if c is not None]
    valid = sum(a.valid for a in answers)
    return Asked(
        asked=len(answers),
        valid=valid,
        invalid=len(answers) - valid,
        tokens_in=sum(a.tokens_in for a in answers),
        tokens_out=sum(a.tokens_out for a in answers),
        cost=sum(known) if len(known) == len(costs) and known else None,
        left=left,
    )


@dataclass(frozen=True, slots=True)
class ChatSuggester:
    """Suggests what a language model says; an endpoint that is not well suggests nothing, and delivery goes on."""

    project: Project
    chat: Callable[[], Chat]

    def suggest(self, items: Sequence[Item]) -> list[Suggestion | None]:
        """One an item; None where the answer does not fit the schema, or there is none."""
        name = self.project.settings.llm.name
        said = {a.item: a for a in self.project.store.model_answers(name, (i.id for i in items))}
        fresh = [i for i in items if i.id not in said]
        try:
            said |= {a.item: a for a in asked_of(self.project, self.chat(), fresh)} if fresh else {}
        except LabelwrightError:
            said |= {a.item: a for a in self.project.store.model_answers(name, (i.id for i in fresh))}
        return [self._suggestion(said.get(i.id)) for i in items]

    def _suggestion(self, answer: ModelAnswer | None) -> Suggestion | None:
        if answer is None or not answer.valid or answer.label is None:
            return None
        made = suggestion_of(self.project, answer.label, None, self.project.settings.llm.model)
        return Suggestion(made.label, None, tuple(_result(self.project, answer)), made.version)


def spent(project: Project, since: datetime | None = None) -> dict[str, Any]:
    """What the language model has cost so far."""
    answers = [
        a for a in project.store.model_answers(project.settings.llm.name) if since is None or a.answered_at >= since
    ]
    return _summary(answers, 0).as_dict()
