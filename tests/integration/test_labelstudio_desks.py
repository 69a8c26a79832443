"""Desks on a real Label Studio, on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from labelwright.adapters.labelstudio import tasklist
from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.labelstudio.failures import NotFoundError
from labelwright.model.desk import DeskSpec, SeenAnnotation, SeenChange, TaskToDeliver
from labelwright.model.errors import OutsideServiceError
from support.listener import listening
from support.servers import CHOICE_CONFIG, PASSWORD, LiveServer, choices

pytestmark = pytest.mark.server
Open = Callable[..., int]


@pytest.fixture(params=["label_studio", "label_studio_on_postgres"])
def server(request: pytest.FixtureRequest) -> LiveServer:
    live: LiveServer = request.getfixturevalue(request.param)
    return live


@pytest.fixture
def annotator(server: LiveServer) -> Iterator[AnnotatorSession]:
    token = server.new_annotator().token
    assert token is not None
    with AnnotatorSession(server.url, token) as session:
        yield session


def delivered(server: LiveServer, desk: int, n: int) -> list[int]:
    return server.desks().deliver(desk, [TaskToDeliver(f"k{i}", {"text": f"text {i} 🙂 עברית"}) for i in range(n)])


def by_task(changes: list[SeenChange]) -> dict[int, tuple[SeenAnnotation, ...]]:
    return {c.task.id: c.annotations for c in changes}


def test_version_names_the_release(server: LiveServer) -> None:
    """Protects the first thing that doctor and up ask of a server."""
    assert server.desks().version() == "1.23.2"


def test_a_member_can_log_in_and_is_not_made_twice(server: LiveServer) -> None:
    """Protects the annotator's way in: an account made over REST cannot log in, one by invitation can."""
    desks = server.desks()
    email = f"Mixed.Case-{uuid.uuid4().hex[:8]}@labelwright.test"
    made = desks.add_member(email, PASSWORD, "Zoë O'Neil")
    again = desks.add_member(email, "another-password-1", "Somebody else")
    assert made.token is not None
    assert (again.user, again.token) == (made.user, None)
    assert desks.member(email.upper()) == again
    assert server.client().get(f"/api/users/{made.user}/")["first_name"] == "Zoë O'Neil"
    with httpx.Client(base_url=server.url) as browser:
        browser.get("/user/login/")
        form = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/user/login/", data=form).is_redirect
        assert browser.get("/api/current-user/whoami").json()["id"] == made.user


def test_a_refused_password_is_told_with_its_reason(server: LiveServer) -> None:
    """Protects the lead from an account that silently was not made."""
    with pytest.raises(OutsideServiceError, match=r"did not take the account.*8–128 characters"):
        server.desks().add_member(f"{uuid.uuid4().hex}@labelwright.test", "abc", "A")


def test_nobody_joins_without_the_invitation(server: LiveServer) -> None:
    """Protects the server from strangers: sign-up works by invitation only."""
    with httpx.Client(base_url=server.url) as browser:
        page = browser.get("/user/signup/")
        form = {"email": "x@y.zz", "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies.get("csrftoken", "")}
        assert browser.post("/user/signup/", data=form).status_code == 403
        assert page.status_code in {200, 403}


def test_a_desk_is_opened_once_and_brought_to_its_spec(server: LiveServer) -> None:
    """Protects against a second desk after a crash, and keeps a marker from matching a longer one."""
    desks, client = server.desks(), server.client()
    marker = f"labelwright:{uuid.uuid4().hex}"
    desk = desks.open_desk(DeskSpec("x", marker, CHOICE_CONFIG, "<p>One</p>"))
    longer = desks.open_desk(DeskSpec("y" * 80, marker + "0", CHOICE_CONFIG))
    assert desks.open_desk(DeskSpec("x", marker, CHOICE_CONFIG, "<p>One</p>")) == desk != longer
    config = CHOICE_CONFIG.replace('<Choice value="Negative"/>', '<Choice value="Negative"/><Choice value="Mixed"/>')
    assert desks.open_desk(DeskSpec("Better title", marker, config, "<p>Two</p>")) == desk
    project = client.get(f"/api/projects/{desk}/")
    assert (project["title"], project["expert_instruction"]) == ("Better title", "<p>Two</p>")
    assert "Mixed" in project["label_config"]
    assert project["sampling"] == "Sequential sampling"
    assert project["maximum_annotations"] == 1
    assert len(client.get(f"/api/projects/{longer}/")["title"]) == 50


def test_opening_again_changes_nothing(server: LiveServer, fresh_desk: Open) -> None:
    """Protects idempotence: what the server gives back equals what was asked, so nothing is patched."""
    client, desks = server.client(), server.desks()
    spec = DeskSpec("A desk", f"labelwright:{uuid.uuid4().hex}", CHOICE_CONFIG, "<h1>Guide</h1>")
    desk = desks.open_desk(spec)
    sent: list[str] = []
    client._http.event_hooks = {"request": [lambda request: sent.append(request.method)]}
    assert LabelStudioDesks(client).open_desk(spec) == desk
    assert set(sent) == {"GET"}


def test_tasks_are_served_in_the_order_of_delivery(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects priorities: the queue is the order that was decided; a skipped task does not come back."""
    desk = fresh_desk(server)
    ids = delivered(server, desk, 5)
    served = []
    while (task := annotator.next_task(desk)) is not None:
        served.append(task["id"])
        if len(served) % 2:
            annotator.submit(task["id"], choices("Positive"), 2.5)
        else:
            annotator.skip(task["id"], 1.0)
    assert served == ids
    more = delivered(server, desk, 1)
    task = annotator.next_task(desk)
    assert task is not None
    assert task["id"] == more[0]


def test_an_unknown_desk_is_not_an_empty_queue(server: LiveServer, annotator: AnnotatorSession) -> None:
    """Protects a replay from taking a deleted desk for finished work."""
    with pytest.raises(NotFoundError):
        annotator.next_task(999_999)


def test_changes_bring_answers_edits_skips_and_deletions(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects the truth of intake: everything an annotator does is seen after the watermark, raw and with its key."""
    desk, desks = fresh_desk(server), server.desks()
    ids = delivered(server, desk, 4)
    answer = annotator.submit(ids[0], choices("Positive"), 2.5)
    annotator.skip(ids[1], 1.25)
    first = list(desks.changes(desk, None))
    seen = by_task(first)
    assert set(seen) == set(ids)
    (one,), (two,) = seen[ids[0]], seen[ids[1]]
    assert (one.key, one.skipped, one.seconds, one.desk) == ("k0", False, 2.5, desk)
    assert (two.key, two.skipped, two.seconds, two.user) == ("k1", True, 1.25, one.user)
    assert '"choices":["Positive"]' in one.raw
    assert [c.updated_at for c in first] == sorted(c.updated_at for c in first)
    assert list(desks.changes(desk, first[-1].updated_at)) == []

    annotator.update(answer["id"], choices("Negative"), 9.0)
    (edited,) = desks.changes(desk, first[-1].updated_at)
    assert '"choices":["Negative"]' in edited.annotations[0].raw
    assert edited.annotations[0].updated_at > one.updated_at

    annotator.delete(answer["id"])
    (emptied,) = desks.changes(desk, edited.updated_at)
    assert (emptied.task.id, emptied.annotations) == (ids[0], ())


def test_the_same_answer_is_taken_only_once(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects from a doubled answer when the reply got lost: the server refuses a second one of the same id."""
    desk = fresh_desk(server)
    (task,) = delivered(server, desk, 1)
    same = uuid.uuid4()
    monkeypatch.setattr("labelwright.adapters.labelstudio.annotator.uuid.uuid4", lambda: same)
    first = annotator.submit(task, choices("Positive"), 1.0)
    assert annotator.submit(task, choices("Positive"), 1.0)["id"] == first["id"]
    assert [t.annotations for t in server.desks().tasks(desk)] == [(first["id"],)]


def test_reading_an_answer_twice_gives_the_same_bytes(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects idempotent intake: nothing in the raw JSON depends on when it was asked for."""
    desk, desks = fresh_desk(server), server.desks()
    ids = delivered(server, desk, 1)
    annotator.submit(ids[0], choices("Positive"), 2.5)
    before = list(desks.changes(desk, None))
    time.sleep(1.1)
    assert list(desks.changes(desk, None)) == before


@pytest.mark.parametrize("page", [2, 3])
def test_no_change_is_lost_at_the_end_of_a_page(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Protects reconciliation while somebody works: a task answered during the walk must not push another out."""
    desk, desks = fresh_desk(server), server.desks()
    ids = delivered(server, desk, 7)
    monkeypatch.setattr(tasklist, "_PAGE", page)
    walk = desks.changes(desk, None)
    seen = [next(walk).task.id]
    annotator.submit(ids[0], choices("Positive"), 1.0)  # moves to the end: pages by number would now skip one
    seen += [c.task.id for c in walk]
    assert set(seen) == set(ids)
    assert [t.id for t in desks.tasks(desk)] == ids


def test_tasks_that_share_one_update_time_are_all_seen(
    server: LiveServer, fresh_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects against an endless or lossy walk after an action that gave many tasks one update time."""
    desk, desks, client = fresh_desk(server), server.desks(), server.client()
    ids = delivered(server, desk, 7)
    for task in ids[:6]:
        client.post(f"/api/tasks/{task}/annotations/", {"result": choices("Positive"), "lead_time": 1.0})
    everything = {"selectedItems": {"all": True, "excluded": []}}
    client.post("/api/dm/actions", everything, {"id": "delete_tasks_annotations", "project": desk})
    monkeypatch.setattr(tasklist, "_PAGE", 2)
    changes = list(desks.changes(desk, None))
    assert len({c.updated_at for c in changes}) == 2
    assert sorted(c.task.id for c in changes) == ids


def test_the_sweep_names_annotations_and_what_is_in_hand(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects the work under somebody's hands: an open task and a task with a draft are told apart from idle ones."""
    desk, desks = fresh_desk(server), server.desks()
    ids = delivered(server, desk, 5)
    answer = annotator.submit(ids[0], choices("Positive"), 1.0)
    skip = annotator.skip(ids[1], 1.0)
    opened = annotator.next_task(desk)
    annotator.draft(ids[4], choices("Negative"))
    assert opened is not None
    swept = desks.tasks(desk)
    assert [(t.id, t.key) for t in swept] == [(i, f"k{n}") for n, i in enumerate(ids)]
    assert [t.annotations for t in swept] == [(answer["id"],), (skip["id"],), (), (), ()]
    assert {t.id for t in swept if t.in_hand} == {opened["id"], ids[4]}
    assert {c.task.id for c in desks.changes(desk, None) if c.task.in_hand} == {opened["id"], ids[4]}


def test_many_annotations_on_one_task_are_all_named(server: LiveServer, fresh_desk: Open) -> None:
    """Protects the sweep from the listing's cut at 500 characters: a cut id would look like a deletion."""
    desk, desks, client = fresh_desk(server), server.desks(), server.client()
    answers = [{"result": choices("Positive"), "lead_time": 1.0} for _ in range(300)]
    client.post(f"/api/projects/{desk}/import", [{"data": {"text": "much loved"}, "annotations": answers}])
    (task,) = desks.tasks(desk)
    assert len(task.annotations) == 300
    assert task.key is None


def test_withdraw_spares_what_somebody_has_touched(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects human work: even when asked to, an answered, skipped, open or drafted task is not deleted."""
    desk, desks = fresh_desk(server), server.desks()
    other = fresh_desk(server)
    elsewhere = delivered(server, other, 1)
    ids = delivered(server, desk, 6)
    annotator.submit(ids[0], choices("Positive"), 1.0)
    annotator.skip(ids[1], 1.0)
    opened = annotator.next_task(desk)
    annotator.draft(ids[3], choices("Negative"))
    assert opened is not None
    desks.withdraw(desk, [])
    assert len(desks.tasks(desk)) == 6
    desks.withdraw(desk, [*ids[:5], *elsewhere])
    assert [t.id for t in desks.tasks(desk)] == [ids[0], ids[1], opened["id"], ids[3], ids[5]]
    assert [t.id for t in desks.tasks(other)] == elsewhere
    desks.withdraw(desk, ids[:5])
    assert len(desks.tasks(desk)) == 5


def test_a_large_delivery_keeps_its_order(
    server: LiveServer, fresh_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects the pairing of keys and ids across the chunks of one delivery."""
    monkeypatch.setattr("labelwright.adapters.labelstudio.desks._CHUNK_TASKS", 40)
    desk = fresh_desk(server)
    ids = delivered(server, desk, 110)
    assert [(t.id, t.key) for t in server.desks().tasks(desk)] == [(i, f"k{n}") for n, i in enumerate(ids)]


def test_a_refused_delivery_says_why(server: LiveServer, fresh_desk: Open) -> None:
    """Protects the lead from a silent half: data without the field of the config is named."""
    with pytest.raises(OutsideServiceError, match="text"):
        server.desks().deliver(fresh_desk(server), [TaskToDeliver("k", {"other": "x"})])


def test_a_time_zone_of_the_caller_does_not_matter(server: LiveServer, fresh_desk: Open) -> None:
    """Protects the watermark: the same moment in another zone gives the same changes."""
    from datetime import timezone

    desk, desks = fresh_desk(server), server.desks()
    delivered(server, desk, 2)
    past = datetime.now(UTC) - timedelta(minutes=5)
    east = past.astimezone(timezone(timedelta(hours=9)))
    assert len(list(desks.changes(desk, east))) == len(list(desks.changes(desk, past))) == 2
    assert not list(desks.changes(desk, (past + timedelta(minutes=10)).astimezone(timezone(timedelta(hours=-9)))))


def test_the_webhook_arrives_with_our_header_and_nothing_else(
    server: LiveServer, annotator: AnnotatorSession, fresh_desk: Open
) -> None:
    """Protects the hint: it reaches loopback with the secret, names the action only, and there is one of it."""
    desk, desks, client = fresh_desk(server), server.desks(), server.client()
    ids = delivered(server, desk, 1)
    with listening() as listener:
        desks.watch(desk, f"{listener.url}/old", {"X-Labelwright": "older secret"})
        for _ in range(2):
            desks.watch(desk, f"{listener.url}/hook/{desk}", {"X-Labelwright": "secret"})
        assert len(client.get("/api/webhooks/", {"project": desk})) == 1
        annotator.submit(ids[0], choices("Positive"), 1.0)
        ((path, headers, body),) = listener.requests
    assert path == f"/hook/{desk}"
    assert headers["X-Labelwright"] == "secret"
    assert body == {"action": "ANNOTATION_CREATED"}


@pytest.mark.parametrize("url", ["http://10.1.2.3/x", "http://127.0.0.2/x", "http://169.254.169.254/latest"])
def test_other_private_addresses_stay_banned(server: LiveServer, fresh_desk: Open, url: str) -> None:
    """Protects the network: the webhook's host is the one opening in the SSRF protection."""
    with pytest.raises(OutsideServiceError, match="refuses to send webhooks"):
        server.desks().watch(fresh_desk(server), url, {"X-Labelwright": "secret"})


def test_a_webhook_of_the_user_is_left_alone(server: LiveServer, fresh_desk: Open) -> None:
    """Protects what others set up on the project."""
    desk, desks, client = fresh_desk(server), server.desks(), server.client()
    client.post("/api/webhooks/", {"project": desk, "url": "http://127.0.0.1:9/theirs"})
    desks.watch(desk, "http://127.0.0.1:9/ours", {"X-Labelwright": "secret"})
    desks.watch(desk, "http://127.0.0.1:9/ours2", {"X-Labelwright": "secret"})
    urls = sorted(w["url"] for w in client.get("/api/webhooks/", {"project": desk}))
    assert urls == ["http://127.0.0.1:9/ours2", "http://127.0.0.1:9/theirs"]


def test_a_personal_access_token_works_and_is_renewed(server: LiveServer) -> None:
    """Protects newer servers: a JWT refresh token is exchanged, and again when the access token is refused."""
    member = server.new_annotator()
    assert member.token is not None
    personal = LabelStudioClient(server.url, member.token).post("/api/token/")["token"]
    client = LabelStudioClient(server.url, personal)
    assert client.whoami()["id"] == member.user
    client._http.auth._access = "no.longer.good"  # type: ignore[union-attr]
    assert client.whoami()["id"] == member.user
    assert personal not in repr(client) + repr(client._http.auth)


def test_a_wrong_token_is_told_without_being_shown(server: LiveServer) -> None:
    """Protects the secret and the reader: the message names the setting, never the token."""
    for wrong in ("f" * 40, "eyJh.eyJi.c2ln"):
        with pytest.raises(OutsideServiceError, match="does not accept the") as told:
            LabelStudioDesks(LabelStudioClient(server.url, wrong)).version()
        assert wrong not in str(told.value)
        assert "label_studio.token" in str(told.value)
