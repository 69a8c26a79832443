"""Models behind an address: backends made with the real `label-studio-ml`, and ours asked by a real Label Studio."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

from labelwright.adapters.labelstudio.ml import connect_backend
from labelwright.adapters.learners.http import Connection, HttpLearner
from labelwright.adapters.learners.registry import load_learner
from labelwright.adapters.learners.text import TextLearner
from labelwright.adapters.locks import file_lock
from labelwright.adapters.processes import free_port, wait_until
from labelwright.app import training
from labelwright.app.inference import Inferred
from labelwright.app.serving import current_version, suggest_for_tasks
from labelwright.entry.api.ml_backend import ML_PATH, USER, ml_router
from labelwright.model.errors import OutsideServiceError
from support.servers import CACHE
from support.workspace_alone import CLASSES, alone, truth

PACKAGES = ["label-studio-ml==1.0.9", "redis", "rq", "setuptools<81"]  # it does not name all that it imports
BACKEND = """
import sys
from label_studio_ml.api import init_app
from label_studio_ml.model import LabelStudioMLBase

WORDS = {"Positive": ["good", "great", "lovely"], "Negative": ["bad", "awful", "broken"]}


class Words(LabelStudioMLBase):
    def predict(self, tasks, **kwargs):
        name, info = list(self.parsed_label_config.items())[0]
        out = []
        for task in tasks:
            text = task["data"]["text"]
            found = next((c for c, ws in WORDS.items() if any(w in text for w in ws)), "Neutral")
            value = {"choices": [found]}
            line = {"from_name": name, "to_name": info["to_name"][0], "type": "choices", "value": value}
            out.append({"result": [line], "score": 0.9})
        return out


init_app(Words, model_dir=sys.argv[2]).run(host="127.0.0.1", port=int(sys.argv[1]))
"""


def environment() -> Path:
    """Python of an environment that holds the real package; made once."""
    root = CACHE / "label-studio-ml"
    with file_lock(root.with_suffix(".lock"), wait=600, what="The environment of label-studio-ml"):
        if not (root / "complete").exists():
            uv = Path(sys.executable).with_name("uv")
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, root], check=True)
            subprocess.run(
                [uv, "pip", "install", "--quiet", "--python", root / "bin" / "python", *PACKAGES], check=True
            )
            (root / "complete").touch()
    return root / "bin" / "python"


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Iterator[str]:
    """A backend as its users write them, in a process of its own."""
    folder, port = tmp_path_factory.mktemp("backend"), free_port()
    script = folder / "words.py"
    script.write_text(BACKEND, encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [environment(), script, str(port), folder / "models"], stdout=log, stderr=log, env={**os.environ}
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: process.poll() is not None or _answers(url), timeout=60)
            assert process.poll() is None, (folder / "log").read_text()
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/health", timeout=2) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.server
def test_a_backend_made_with_the_real_package_is_a_model_like_every_other(backend, tmp_path):
    """Measured, calibrated, promoted, saved and read back, without having learned anything here."""
    place = alone(tmp_path, 120, model={"kind": "http", "url": backend, "test_items": 0})
    project = place.project()
    project.store.add_assignments({i.id: (i, r) for r, i in enumerate(project.pool.items(range(120)))}, [])
    labels = {i: Inferred(label, 1.0, contested=False, votes=1) for i, label in truth(range(100)).items()}
    trained = training.train(project, place.new_learner(project), labels, set(), number=1)
    found = training.evaluate(project, trained.version, truth(range(100, 120)), "truth")
    assert training.promote(project, trained.version, truth(range(100, 120))).promoted
    assert found.accuracy.value == 1.0
    record = project.store.model()
    assert record.kind == "http"
    assert record.card["temperature"] < 1  # always right at a score of .9: it may be surer
    p = load_learner(Path(record.path)).predict_proba(project.pool.items([0, 1, 2]))
    assert [CLASSES[k] for k in p.argmax(axis=1)] == CLASSES
    assert np.allclose(p.max(axis=1), 0.9)


def test_a_backend_that_is_not_there_is_told_with_the_next_step(tmp_path):
    """A stack trace of a client library when somebody has not started the backend."""
    learner = HttpLearner(Connection(f"http://127.0.0.1:{free_port()}", "p", "<View/>", "label", tuple(CLASSES)))
    learner._backend._sleep = lambda _: None
    with pytest.raises(OutsideServiceError) as caught:
        learner.fit(["a", "b"], ["x", "y"], None, 0)
    assert "model.url" in caught.value.next_step


@pytest.fixture
def served(tmp_path) -> Iterator[tuple[str, object]]:
    """Our own model in use, by the protocol, on a real port."""
    place = alone(tmp_path, 120)
    project = place.project()
    project.store.add_assignments({i.id: (i, r) for r, i in enumerate(project.pool.items(range(120)))}, [])
    labels = {i: Inferred(label, 1.0, contested=False, votes=1) for i, label in truth(range(90)).items()}
    training.promote(project, training.train(project, TextLearner, labels, set(), number=1).version, {})
    app = FastAPI()
    app.include_router(
        ml_router(lambda: "pass", lambda: current_version(project), lambda t: suggest_for_tasks(project, t))
    )
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, timeout=30)
    try:
        yield f"http://127.0.0.1:{port}{ML_PATH}", project
    finally:
        server.should_exit = True
        thread.join(10)


def test_our_model_answers_by_the_protocol_and_only_to_those_who_may_ask(served):
    """Health, setup, predict; a wrong password; a task without data; too many tasks."""
    url, _ = served
    good = {"Authorization": "Basic " + base64.b64encode(f"{USER}:pass".encode()).decode()}
    tasks = [{"id": 1, "data": {"text": "lovely and great"}}, {"id": 2, "data": {"text": "awful, broken"}}, {"id": 3}]
    with httpx.Client(trust_env=False, headers=good) as client:
        assert client.get(url + "/health").json()["status"] == "UP"
        assert client.post(url + "/setup", json={"project": "1", "schema": ""}).json() == {"model_version": "round-1"}
        answer = client.post(url + "/predict", json={"tasks": tasks, "label_config": "<View/>"}).json()
        assert client.post(url + "/predict", json={"tasks": [{}] * 1001}).status_code == 422
        assert client.post(url + "/webhook", json={"action": "START_TRAINING"}).status_code == 201
    said = [r["result"][0]["value"]["choices"][0] for r in answer["results"][:2]]
    assert (said, answer["model_version"], len(answer["results"])) == (["Positive", "Negative"], "round-1", 3)
    assert 0 < answer["results"][0]["score"] <= 1
    for wrong in ("", "Basic", "Basic !!", "Bearer pass", "Basic " + base64.b64encode(b"labelwright:other").decode()):
        answer = httpx.get(url + "/health", headers={"Authorization": wrong}, trust_env=False)
        assert answer.status_code == 401


@pytest.mark.server
def test_a_real_label_studio_fetches_predictions_from_our_model(served, label_studio, fresh_desk):
    """Connected once, the predictions stand at the tasks; connected again, there is still one backend."""
    url, _ = served
    config = (
        '<View><Text name="text" value="$text"/><Choices name="label" toName="text" choice="single">'
        + "".join(f'<Choice value="{c}"/>' for c in CLASSES)
        + "</Choices></View>"
    )
    project, client = fresh_desk(label_studio, config), label_studio.client()
    client.post(f"/api/projects/{project}/import", [{"text": "good and great"}, {"text": "bad and awful"}])
    first = connect_backend(client, project, url, USER, "pass")
    assert connect_backend(client, project, url, USER, "pass") == first
    assert [b["id"] for b in client.get("/api/ml", {"project": project})] == [first]
    everything = {"selectedItems": {"all": True, "excluded": []}}
    client.post("/api/dm/actions", everything, {"id": "retrieve_tasks_predictions", "project": project})
    deadline, said = time.monotonic() + 30, []
    while time.monotonic() < deadline and len(said) < 2:
        said = client.get("/api/predictions/", {"project": project})
        time.sleep(0.2)
    found = {p["task"]: p["result"][0]["value"]["choices"][0] for p in said}
    assert [found[t] for t in sorted(found)] == ["Positive", "Negative"]
    assert {p["model_version"] for p in said} == {"round-1"}
