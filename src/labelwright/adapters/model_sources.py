"""What learns and what suggests, made as a workspace's settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Any

from labelwright.app.settings import Settings
from labelwright.model.errors import SettingsError

if TYPE_CHECKING:
    from labelwright.adapters.chat import ChatClient
    from labelwright.adapters.learners.http import Connection
    from labelwright.app.context import Project
    from labelwright.model.learned import ModelRecord
    from labelwright.ports import Learner
    from labelwright.ports.suggesting import Predicted, Suggester


#: Where `round open --predictions` keeps the file, beside the index of the pool; its suffix is the user's.
KEPT = Path(".labelwright") / "pool" / "predictions"
_TAKEN = "predictions"


@dataclass(frozen=True, slots=True)
class Taken:
    """Predictions that were taken: items with one, rows of the file that cannot be used, and where these are told."""

    items: int
    rejected: int
    rejects: Path


@dataclass(frozen=True)
class ModelSources:
    """Everything about models that the settings name; files are read and libraries loaded when first asked for.

    Attributes:
        settings: of the workspace.
        path: makes a path of the settings whole.
    """

    settings: Settings
    path: Callable[[Path], Path]

    def new_learner(self, project: Project) -> Callable[[], Learner]:
        """Makes models that have learned nothing yet, of the kind that suits the project."""
        from labelwright.adapters.learners.registry import new_learner  # noqa: PLC0415
        from labelwright.app.reading import kind_of  # noqa: PLC0415

        return new_learner(self.settings.model, kind_of(project), partial(_connection, project))

    @cached_property
    def chat(self) -> ChatClient:
        """The language model of the settings.

        Raises:
            SettingsError: they name none.
        """
        from labelwright.adapters.chat import ChatClient, Endpoint  # noqa: PLC0415

        own = self.settings.llm
        if own.url is None or not own.model:
            raise SettingsError(
                "There is no language model",
                where="labelwright.yaml: llm.url, llm.model",
                next_step="Name an OpenAI-compatible address there, such as http://127.0.0.1:8000/v1, and its model",
            )
        return ChatClient(Endpoint(own.url, own.model, own.api_key, own.most_tokens, own.per_minute, own.seconds))

    def suggester(self, project: Project) -> Suggester | None:
        """Where the suggestions on the desks come from."""
        from labelwright.app.machine import ChatSuggester  # noqa: PLC0415
        from labelwright.app.suggesting import FileSuggester, ModelSuggester  # noqa: PLC0415

        source = self.settings.preannotate.source
        if source == "model":
            return ModelSuggester(project)
        if source == "file":
            file = self._file
            return None if file is None else FileSuggester(project, self._predicted, file.name)
        return ChatSuggester(project, lambda: self.chat) if source == "llm" else None

    @cached_property
    def vectors(self) -> Mapping[str, Any] | None:
        """The user's own embedding; None where the settings name none."""
        from labelwright.adapters.vectors import read_vectors  # noqa: PLC0415

        own = self.settings.model
        return None if own.vectors is None else read_vectors(self.path(own.vectors), own.vectors_id, own.vectors_column)

    def track(self, record: ModelRecord) -> None:
        """Keep a trained model as a run of MLflow, where the settings name a folder for them."""
        folder = self.settings.model.mlflow
        if folder is None:
            return
        from labelwright.adapters.tracking import track_run  # noqa: PLC0415

        track_run(self.path(folder), self.settings.name, record)

    def take_predictions(self, project: Project, number: int, path: Path) -> Taken:
        """Choose that round's items by this file, and keep it for suggestions, if they come from a file.

        Raises:
            UsageError: the control asks for no class.
            DataError: the file cannot be read, or not one row can be used.
        """
        from labelwright.adapters.pool.predictions import REJECTS, read_predictions  # noqa: PLC0415
        from labelwright.app import predictions  # noqa: PLC0415

        rejects = self.path(KEPT).parent / REJECTS
        classes, label_of = predictions.prediction_classes(project), partial(predictions.label_of, project)
        found = read_predictions(path, classes, label_of, project.pool.rows_of, rejects)
        predictions.take_predictions(project, number, found.scored)
        kept = self.path(KEPT).with_suffix(path.suffix.lower())
        if path.absolute() != kept.absolute():
            part = kept.with_name(kept.name + ".part")
            copyfile(path, part)
            for old in kept.parent.glob(f"{KEPT.name}.*"):
                if old not in {part, kept}:
                    old.unlink()
            part.replace(kept)
        self.__dict__.pop("_predicted", None)
        return Taken(len(found.scored[0]), found.rejected, rejects)

    def own_predictions(self, project: Project, number: int) -> None:
        """Without a model of ours the file of `preannotate.file` chooses, too: read once, and again when it changes."""
        file = self.settings.preannotate.file
        if file is None or self.settings.model.kind != "none":
            return
        state = self.path(file).stat()
        stamp = f"{file} {state.st_size} {state.st_mtime_ns}"
        if project.store.note(_TAKEN) != stamp:
            self.take_predictions(project, number, self.path(file))
            project.store.put_note(_TAKEN, stamp)

    @property
    def _file(self) -> Path | None:
        """The user's own predictions: those that the settings name, or else that a round was opened by."""
        if self.settings.preannotate.file is not None:
            return self.path(self.settings.preannotate.file)
        kept = self.path(KEPT)
        return next((p for p in sorted(kept.parent.glob(f"{kept.name}.*")) if p.suffix != ".part"), None)

    @cached_property
    def _predicted(self) -> Mapping[str, Predicted]:
        """Predictions of the user's own."""
        from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
        from labelwright.adapters.predictions import read_predictions  # noqa: PLC0415

        file = self._file
        if file is None:
            return {}
        schema = read_config(self.path(self.settings.labeling.file).read_text(encoding="utf-8-sig"))
        return read_predictions(file, [c for control in schema.controls for c in control.classes])


def _connection(project: Project, url: str) -> Connection:
    """What a program behind an address is told of a project."""
    from labelwright.adapters.learners.http import Connection  # noqa: PLC0415

    control = project.control
    return Connection(url, project.id, project.schema.xml, control.name, control.classes)
