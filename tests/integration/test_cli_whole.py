"""The commands as a lead types them, on a Label Studio that Labelwright manages: one story, and what it must survive."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from labelwright.adapters.processes import free_port, wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.rounds import open_assignments
from labelwright.bootstrap import open_workspace
from labelwright.model.project import AnnotationState
from support import workspaces

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]
FORMULA = "=cmd|' /C calc'!A0"


def labelwright(*arguments, code=0, cwd=None):
    """Run a command with --json; its one document (None where it failed) and what it said on stderr."""
    command = [sys.executable, "-m", "labelwright", *map(str, arguments), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, cwd=cwd, stdin=subprocess.DEVNULL
    )
    assert done.returncode == code, (arguments, done.returncode, done.stderr[-2000:])
    lines = done.stdout.splitlines()
    assert len(lines) <= 1, "one document and nothing else"
    return json.loads(lines[0]) if lines else None, done.stderr


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    texts = [FORMULA, *(f"a sentence, number {n}" for n in range(39))]
    (folder / "data.jsonl").write_text(
        "".join(json.dumps({"id": f"s{n}", "text": t}) + "\n" for n, t in enumerate(texts))
    )
    made, _ = labelwright(
        "init", folder / "ws", "--template", "text-classification", "--labels", "Good,Bad", "--data",
        folder / "data.jsonl", "--id", "id",
    )  # fmt: skip
    assert made["data"]["items"] == 40
    yield folder / "ws"
    place = open_workspace(folder / "ws")
    place.server.stop()
    place.label_studio.stop()


@pytest.fixture(scope="module")
def up(root):
    """Two `up` at once."""
    with ThreadPoolExecutor(2) as pool:
        return [turn.result()[0] for turn in [pool.submit(labelwright, "up", "--workspace", root) for _ in range(2)]]


@pytest.fixture(scope="module")
def team(root, up):
    configured = workspaces.configure(open_workspace(root), "server", reconcile_seconds=1.0, sweep_seconds=5.0)
    workspaces.configure(configured, "model", test_items=0)
    labelwright("up", "--workspace", root)
    return [
        labelwright("team", "add", name, "--email", f"{name.lower()}@example.org", "--workspace", root)[0]
        for name in ("Ada", "Bob")
    ]


def test_two_ups_at_once_give_one_server_each(root, up):
    """The second waits for the first and finds everything running."""
    one, two = up
    assert one["label_studio"]["url"] == two["label_studio"]["url"]
    assert one["api"]["url"] == two["api"]["url"]
    assert one["label_studio"]["healthy"]
    assert one["api"]["healthy"]
    servers = [p for p in psutil.process_iter(["cmdline"]) if _serves(p, root)]
    assert len(servers) == 1


def _serves(process, root):
    line = process.info["cmdline"] or []
    return "serve" in line and str(root) in line


def test_the_servers_listen_on_this_machine_only(up):
    """127.0.0.1 unless somebody asks for more."""
    assert up[0]["label_studio"]["url"].startswith("http://127.0.0.1:")
    assert up[0]["api"]["url"].startswith("http://127.0.0.1:")


def test_nobody_signs_up_without_an_invitation(up):
    """The sign-up page is closed to strangers."""
    answer = httpx.get(up[0]["label_studio"]["url"] + "/user/signup/", follow_redirects=True, trust_env=False)
    form = "csrfmiddlewaretoken" in answer.text and 'name="password"' in answer.text and "signup" in str(answer.url)
    posted = httpx.post(str(answer.url), data={"email": "x@example.org", "password": "long-enough-1"}, trust_env=False)
    assert posted.status_code >= 400 or not form


@pytest.fixture(scope="module")
def story(root, team, tmp_path_factory):
    """What each command said on the way through one round; the other tests come after it in any order."""
    told = {"opened": labelwright("round", "open", "--batch", "10", "--workspace", root)[0]}
    told["opened twice"] = labelwright("round", "open", "--workspace", root, code=1)[1]
    place = open_workspace(root)
    for name, label in (("ada", "Good"), ("bob", "Bad")):
        workspaces.answer_all(place, name, label)
    project = place.project()
    assert wait_until(lambda: not open_assignments(project, 1), timeout=60), "the webhook or the timer brings them in"
    told["round"] = labelwright("round", "status", "--workspace", root)[0]["rounds"][0]
    told["closed"] = labelwright("round", "close", "--workspace", root)[0]
    labelwright("round", "close", "--workspace", root, code=1)
    told["report"] = labelwright("report", "--workspace", root)[0]
    told["team"] = labelwright("team", "list", "--workspace", root)[0]["annotators"]
    told["status"] = labelwright("status", "--workspace", root)[0]
    told["doctor"] = labelwright("doctor", "--workspace", root, code=1)[0]
    told["set"] = tmp_path_factory.mktemp("exports") / "set"
    told["export"] = labelwright("export", "--format", "jsonl,csv", "--out", told["set"], "--workspace", root)[0]
    return told


def test_the_whole_way_by_commands(story):
    """Round open, answers, round status, close, report, export, status, doctor: each with its document."""
    opened, closed, report = story["opened"], story["closed"], story["report"]
    assert (opened["round"], opened["items"], opened["answers"]) == (1, 10, 12)
    assert "round close" in story["opened twice"]
    assert (story["round"]["labeled"], story["round"]["waiting"], story["round"]["state"]) == (12, 0, "open")
    assert (closed["labels"], closed["contested"]) == (12, 2)
    assert (report["items"], report["annotators"], report["annotations"]) == (10, 2, 12)
    assert report["controls"]["label"]["agreement"]["percent"]["value"] == 0.0
    assert [r["done"] for r in story["team"]] == [6, 6]
    assert story["status"]["annotations"] == 12
    verdicts = {line["check"]: line["verdict"] for line in story["doctor"]["lines"]}
    assert verdicts["Guidelines have examples for every class"] == "fail"
    assert verdicts["Label Studio reachable and quick"] == "pass"
    assert all(line["next_step"] for line in story["doctor"]["lines"] if line["verdict"] != "pass")


def test_exports_are_written_and_formulas_are_no_formulas(root, story):
    """A text that a spreadsheet would run is neutralized in the CSV, and comes back by the documented way."""
    from labelwright.export import restore_csv_text

    assert story["export"]["rows"] == 8
    for file in story["set"].glob("*.csv"):
        assert "\n=" not in file.read_text()
        assert ",=" not in file.read_text()
    assert restore_csv_text("'" + FORMULA) == FORMULA
    _, said = labelwright("export", "--format", "nope", "--workspace", root, code=2)
    assert "nope" in said


def test_killed_servers_are_started_again_and_the_work_goes_on(root, story):
    """Kill -9 of Label Studio and of Labelwright in mid-round: nothing is lost, nothing is twice."""
    place = open_workspace(root)
    number = len(place.project().store.rounds()) + 1
    labelwright("round", "open", "--batch", "6", "--workspace", root)
    given = workspaces.answer_all(place, "ada", "Good", most=1)
    os.kill(place.server.running().pid, signal.SIGKILL)
    given += workspaces.answer_all(place, "ada", "Good")
    os.kill(place.label_studio.running().process.pid, signal.SIGKILL)
    assert wait_until(lambda: place.label_studio.running() is None and place.server.running() is None, timeout=20)
    _, said = labelwright("status", "--workspace", root, code=1)
    assert "labelwright up" in said
    again, _ = labelwright("up", "--workspace", root)
    assert again["label_studio"]["healthy"]
    assert again["api"]["healthy"]
    given += workspaces.answer_all(place, "bob", "Good")
    assert given == 7
    project = place.project()
    assert wait_until(lambda: not open_assignments(project, number), timeout=90)
    found = [a for a in annotation_set(project).annotations if a.round == number]
    assert {a.state for a in found} == {AnnotationState.VALID}
    assert len({(a.item, a.annotator) for a in found}) == len(found) == 7


def test_label_studio_is_away_for_a_while(root, story):
    """The worker says that it fails, goes on trying, and takes everything in when Label Studio is back."""
    place = open_workspace(root)
    place.label_studio.stop()
    health = place.server.running().url + "/health"
    assert wait_until(lambda: httpx.get(health, trust_env=False).json()["worker"] == "failing", timeout=60)
    labelwright("up", "--workspace", root)
    assert wait_until(lambda: httpx.get(health, trust_env=False).json()["worker"] == "ok", timeout=120)


def test_adopt_reads_a_project_and_changes_nothing_there(root, story, tmp_path):
    """Report and exports from a project that is not managed; the server holds afterwards what it held before."""
    place = open_workspace(root)
    desk = place.project().store.desks("work")[0].project
    client, token = place.client(), place.secrets.get("admin_token")

    def held():
        tasks = client.get("/api/tasks/", {"project": desk, "fields": "all", "page_size": 100})["tasks"]
        return client.get(f"/api/projects/{desk}/")["title"], [(t["id"], t["updated_at"]) for t in tasks]

    before = held()
    document, _ = labelwright(
        "adopt", "--url", place.label_studio_url(), "--token", token, "--project", desk, "--out", tmp_path / "adopted"
    )
    assert held() == before
    assert document["annotations"] == sum(1 for a in annotation_set(place.project()).valid if a.annotator == "ada")
    assert {e["format"]: e["reason"] for e in document["exports"]} == {"label-studio": None, "jsonl": None}
    _, said = labelwright(
        "adopt", "--url", place.label_studio_url(), "--token", "f" * 40, "--project", desk, "--out", tmp_path / "no",
        code=3,
    )  # fmt: skip
    assert "f" * 40 not in said


def test_every_link_uses_the_public_address(root, story):
    """Annotators on other machines get links that work for them; doctor tests the address."""
    place = open_workspace(root)
    address = f"http://localhost:{place.label_studio.running().port}"
    labelwright("up", "--public-url", address, "--workspace", root)
    listed, _ = labelwright("team", "list", "--workspace", root)
    assert all(r["desk"].startswith(address) for r in listed["annotators"])
    doctor, _ = labelwright("doctor", "--workspace", root, code=1)
    (line,) = [x for x in doctor["lines"] if x["check"] == "Annotators' address"]
    assert line["verdict"] == "pass"
    assert address in line["seen"]


def test_a_port_in_use_is_told_with_the_next_step(tmp_path):
    """Not a stack trace: which port, and what to do."""
    import socket

    (tmp_path / "d.csv").write_text("text\none\ntwo\n")
    labelwright("init", tmp_path / "ws", "--template", "text-classification", "--data", tmp_path / "d.csv")
    port = free_port()
    workspaces.configure(open_workspace(tmp_path / "ws"), "label_studio", port=port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        _, said = labelwright("up", "--workspace", tmp_path / "ws", code=3)
    assert str(port) in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("status",), 2),
        (("report", "no-such-file.json"), 2),
        (("schema", "check", "no-such-file.xml"), 2),
        (("init", "x", "--template", "nope", "--data", "no.csv"), 2),
        (("adopt", "--url", "http://127.0.0.1:9", "--token", "t" * 40, "--project", "1"), 3),
    ],
)
def test_exit_codes(tmp_path, arguments, code):
    """2 wrong usage, 3 an outside service failed: scripts rely on it, and each says the next step."""
    _, said = labelwright(*arguments, code=code, cwd=tmp_path)
    assert said.startswith("labelwright: ")
    assert "Traceback" not in said
