"""Local media on a real Label Studio: links on the desk, plain paths everywhere else."""

from __future__ import annotations

import json
import socket

import httpx
import pytest

from labelwright.adapters.runtime import Publication
from labelwright.app.closing import close_round
from labelwright.app.delivery import deliver
from labelwright.app.doctor import Verdict, examine
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import open_round
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.doctor import probes
from labelwright.entry.cli.export import export_command
from labelwright.entry.cli.output import Bar
from labelwright.model.errors import OutsideServiceError
from support import media, workspaces

pytestmark = pytest.mark.server


@pytest.fixture
def pictures(tmp_path):
    for n in range(3):
        media.picture(tmp_path / "pictures" / "x" / f"p{n}.png", grey=60 * n)
    return tmp_path / "pictures"


@pytest.fixture
def place(tmp_path, label_studio, pictures):
    made = media.make(tmp_path / "ws", label_studio, "image-classification", ["Light", "Dark"], pictures)
    yield made
    made.server.stop()


def links(place, desk):
    tasks = place.client().get("/api/tasks/", {"project": desk.project, "fields": "all", "page_size": 100})["tasks"]
    return [task["data"]["image"] for task in tasks]


def fetch(link, **headers):
    return httpx.get(link, headers=headers, trust_env=False)


def test_a_folder_of_pictures_is_on_the_desk_as_links_that_open(place, pictures, label_studio):
    """Tasks that hold a path which no browser can load."""
    place.server.start(None, "test")
    shown = links(place, media.at_desk(place))
    assert len(shown) == 3
    files = sorted(p.read_bytes() for p in pictures.rglob("*.png"))
    assert sorted(fetch(link).content for link in shown) == files
    answer = fetch(shown[0], Origin=label_studio.url, Range="bytes=0-3")
    assert (answer.status_code, answer.content) == (206, b"\x89PNG")
    assert answer.headers["access-control-allow-origin"] == label_studio.url
    assert "access-control-allow-origin" not in fetch(shown[0], Origin="http://evil.example.org").headers
    head, _, signature, name = shown[0].rsplit("/", 3)
    assert fetch(f"{head}/9999999999/{signature}/{name}").status_code == 403
    assert "pictures" not in "".join(shown)


def test_the_export_and_the_store_hold_paths(place, tmp_path, capsys):
    """A training set whose pictures are links that end in 90 days; a text model that learns from their paths."""

    def never():
        raise AssertionError

    place.server.start(None, "test")
    media.at_desk(place)
    with workspaces.at_work(place, "ada") as (session, number):
        while (task := session.next_task(number)) is not None:
            answers = {"label": "Dark", "quality": "Good"}
            session.submit(
                task["id"],
                [
                    {"from_name": c, "to_name": "image", "type": "choices", "value": {"choices": [v]}}
                    for c, v in answers.items()
                ],
                2.0,
            )
    take_in_all(place.project(), place.desks())
    export_command("label-studio,jsonl", tmp_path / "out", workspace=place.root, as_json=True)
    capsys.readouterr()
    text = "".join(p.read_text() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert "/media/" not in text
    assert {f"x/p{n}.png" in text for n in range(3)} == {True}
    assert {i.data["image"] for i in place.project().store.items().values()} == {f"x/p{n}.png" for n in range(3)}
    workspaces.configure(place, "model", kind="text", test_items=0)
    closed = close_round(open_workspace(place.root).project(), never, {}, Bar(quiet=True))
    assert closed.labels >= 3
    assert closed.model is None
    assert "learned from where they are files of this disk" in (closed.accuracy.reason or "")


def test_links_on_a_desk_live_on_after_down_and_up(place):
    """A restart that takes another port, and desks full of pictures that do not load."""
    first = place.server.start(None, "test")
    shown = links(place, media.at_desk(place))
    assert place.server.stop()
    with pytest.raises(httpx.ConnectError):
        fetch(shown[0])
    assert place.server.port() == first.port
    assert place.server.start(None, "test", keep_port=True).port == first.port
    assert fetch(shown[0]).status_code == 200


def test_a_port_that_links_need_is_not_given_up_in_silence(place):
    """Another program took the port meanwhile: said with the next step, rather than links that lead to it."""
    first = place.server.start(None, "test")
    place.server.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        with pytest.raises(OutsideServiceError, match=rf"Port {first.port} is in use.*Links to media"):
            place.server.start(None, "test", keep_port=True)
        assert place.server.start(None, "test").port != first.port


def test_a_file_that_is_gone_or_has_become_a_way_out_is_refused(place, pictures):
    """What happens to files between delivery and the annotator's look."""
    place.server.start(None, "test")
    shown = links(place, media.at_desk(place))
    for path in pictures.rglob("*.png"):
        path.unlink()
    assert {fetch(link).status_code for link in shown} == {410}
    for n in range(3):
        (pictures / "x" / f"p{n}.png").symlink_to("/etc/hostname")
    assert {fetch(link).status_code for link in shown} == {410}


def test_paths_and_addresses_in_one_file(tmp_path, label_studio):
    """A CSV file with paths beside it and links of the user's own, which stay as they are."""
    media.picture(tmp_path / "set" / "img" / "a.png")
    web = "https://example.org/b.png"
    (tmp_path / "set" / "list.csv").write_text(f"url\nimg/a.png\n{web}\nimg/none.png\n")
    place = media.make(
        tmp_path / "ws",
        label_studio,
        "image-classification",
        ["Light", "Dark"],
        tmp_path / "set" / "list.csv",
        image="url",
    )
    try:
        server = place.server.start(None, "test")
        shown = links(place, media.at_desk(place))
        assert len(shown) == 2
        assert web in shown
        (own,) = set(shown) - {web}
        assert own.startswith(f"{server.url}/media/")
        assert fetch(own).headers["content-type"] == "image/png"
    finally:
        place.server.stop()


def test_annotators_on_other_machines_are_not_sent_links_to_this_one(place):
    """A public address and local files: nothing could be shown, so nothing goes out, and it is said why."""
    place.server.start(None, "test")
    place.server.stop()  # its port is kept, and its worker does not deliver beside us
    workspaces.join(place, "Ada")
    place.server.publish(Publication(None, "http://labels.example.org:8080"))
    project = place.project()
    open_round(project)
    (desk,) = project.store.desks("work")
    with pytest.raises(OutsideServiceError, match=r"this machine.*server\.public_url"):
        deliver(project, place.desks(), desk, place.owner)
    assert links(place, desk) == []
    place.server.publish(Publication(None, "http://localhost:8080"))
    deliver(project, place.desks(), desk, place.owner)
    assert len(links(place, desk)) == 3


def test_the_doctor_says_whether_media_reach_the_screens(place, pictures):
    """A lead who learns from her annotators that the pictures do not load."""

    def line():
        project = place.project()
        return next(x for x in examine(project, probes(place, project)) if x.check == "Media reach the screens")

    assert line().verdict is Verdict.FAIL
    server = place.server.start(None, "test")
    assert (line().verdict, line().seen) == (Verdict.PASS, f"local files, at {server.url}")
    (pictures / "x" / "p1.png").rename(pictures / "x" / "moved.png")
    assert (line().verdict, line().seen) == (Verdict.FAIL, "1 of the first 3 files are gone: x/p1.png")
    place.server.publish(Publication(None, "https://labels.example.org"))
    assert "http(s) links" in line().next_step


def test_before_the_first_start_nothing_goes_out(place):
    """Links to a server that has no port yet."""
    workspaces.join(place, "Ada")
    project = place.project()
    open_round(project)
    (desk,) = project.store.desks("work")
    with pytest.raises(OutsideServiceError, match="labelwright up"):
        deliver(project, place.desks(), desk, place.owner)
    assert json.loads((place.state / "secrets.json").read_text()).get("media_secret") is None
