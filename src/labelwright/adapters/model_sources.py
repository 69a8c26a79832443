"""What learns and what suggests, made as a workspace's settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
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
            return FileSuggester(project, self._predicted, str(self.settings.preannotate.file))
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

    @cached_property
    def _predicted(self) -> Mapping[str, Predicted]:
        """Predictions of the user's own."""
        from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
        from labelwright.adapters.predictions import read_predictions  # noqa: PLC0415

        file = self.settings.preannotate.file
        if file is None:
            return {}
        schema = read_config(self.path(self.settings.labeling.file).read_text(encoding="utf-8-sig"))
        return read_predictions(self.path(file), [c for control in schema.controls for c in control.classes])


def _connection(project: Project, url: str) -> Connection:
    """What a program behind an address is told of a project."""
    from labelwright.adapters.learners.http import Connection  # noqa: PLC0415

    control = project.control
    return Connection(url, project.id, project.schema.xml, control.name, control.classes)
