"""The client against real sockets that misbehave."""

from __future__ import annotations

import base64
import json
import logging

import httpx
import pytest

from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.adapters.labelstudio.auth import PersonalToken, expiry_of
from labelwright.adapters.labelstudio.client import LabelStudioClient, checked_url
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.labelstudio.failures import NotFoundError
from labelwright.adapters.processes import free_port
from labelwright.model.errors import OutsideServiceError, SettingsError
from support.scripted import Reply, scripted

TOKEN = "5ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7"


def client_of(url: str, pauses: list[float] | None = None, token: str = TOKEN) -> LabelStudioClient:
    waits = pauses if pauses is not None else []
    return LabelStudioClient(url, token, timeout=httpx.Timeout(0.3), sleep=waits.append)


def jwt(expires: float, name: str = "a") -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires, "name": name}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def test_a_read_is_tried_again_while_the_server_is_busy() -> None:
    """Protects a run from a short overload, with growing pauses."""
    pauses: list[float] = []
    with scripted([Reply(503), Reply(502), Reply(200, {"ok": 1})]) as server:
        assert client_of(server.url, pauses).get("/api/x") == {"ok": 1}
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_another_clock_is_noticed_and_seconds_are_not() -> None:
    """Protects rates, guidelines and pauses from a server whose clock is an hour off."""
    for ahead, expected in ((3600.0, 3600.0), (-90.0, -90.0), (2.0, 0.0)):
        with scripted([Reply(200, {"ok": 1}, ahead=ahead)]) as server:
            client = client_of(server.url)
            desks = LabelStudioDesks(client)
            assert desks.ahead().total_seconds() == 0
            client.get("/api/x")
            assert desks.ahead().total_seconds() == pytest.approx(expected, abs=3)


def test_a_read_is_given_up_after_a_few_tries() -> None:
    """Protects from hanging for ever: four tries, then the server's own words."""
    with scripted([Reply(500, {"detail": "database is locked"})]) as server:
        with pytest.raises(OutsideServiceError, match=r"failed with 500.*database is locked"):
            client_of(server.url).get("/api/x")
        assert len(server.seen) == 4


@pytest.mark.parametrize("reply", [Reply(503), Reply(500), Reply(200, {}, delay=1.0)])
def test_what_is_not_safe_to_repeat_is_sent_once(reply: Reply) -> None:
    """Protects against doubled tasks: an import whose answer got lost is not sent a second time."""
    with scripted([reply]) as server:
        with pytest.raises(OutsideServiceError):
            client_of(server.url).post("/api/projects/1/import", [{"data": {}}])
        assert len(server.seen) == 1


def test_a_read_that_gets_no_answer_is_repeated() -> None:
    """Protects reads from a server that was busy for longer than the timeout."""
    with scripted([Reply(200, {}, delay=1.0), Reply(200, {"ok": 1})]) as server:
        assert client_of(server.url).get("/api/x") == {"ok": 1}


def test_nothing_listens() -> None:
    """Protects the reader: address and next step, after waiting a little even for a POST (nothing was sent)."""
    pauses: list[float] = []
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(OutsideServiceError, match=r"cannot be reached.*labelwright up") as told:
        client_of(url, pauses).post("/api/projects/")
    assert url in str(told.value)
    assert len(pauses) == 3


def test_a_tls_failure_is_named() -> None:
    """Protects from a search in the wrong place when https is spoken to a plain server."""
    with scripted([Reply()]) as server, pytest.raises(OutsideServiceError, match="TLS certificate"):
        client_of(server.url.replace("http:", "https:")).get("/api/version")


@pytest.mark.parametrize(
    ("status", "words"), [(401, "does not accept the token"), (403, "refused.*403: not yours"), (400, "400: not yours")]
)
def test_refusals_are_told_apart(status: int, words: str) -> None:
    """Protects the next step: another token, other rights, other data."""
    with scripted([Reply(status, {"detail": "not yours"})]) as server, pytest.raises(OutsideServiceError, match=words):
        client_of(server.url).get("/api/x")


def test_missing_things_have_their_own_error() -> None:
    """Protects callers that must tell an empty queue from a failure; deleting what is gone is fine."""
    with scripted([Reply(404, {"detail": "No tasks left"})]) as server:
        with pytest.raises(NotFoundError) as told:
            client_of(server.url).get("/api/projects/1/next")
        assert told.value.detail == "No tasks left"
        client_of(server.url).delete("/api/annotations/1/")


def test_a_page_of_html_is_not_poured_into_the_message() -> None:
    """Protects the terminal from a proxy's error page."""
    with scripted([Reply(500, "<html>" + "x" * 5000)]) as server:
        with pytest.raises(OutsideServiceError) as told:
            client_of(server.url).post("/api/x")
        assert len(str(told.value)) < 200


def test_the_token_is_sent_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Protects the secret: not in messages, reprs or logs, even at the lowest level."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    with scripted([Reply(401, {"detail": "Invalid token."})]) as server:
        client = client_of(server.url)
        with pytest.raises(OutsideServiceError) as told:
            client.get("/api/x")
        assert server.seen[0][2] == f"Token {TOKEN}"
    shown = f"{told.value!r} {told.value} {client!r} {client._http.auth!r} {caplog.text}"
    assert TOKEN not in shown


def test_a_password_in_the_address_is_not_shown() -> None:
    """Protects a secret that somebody wrote into the address."""
    with pytest.raises(OutsideServiceError) as told:
        client_of(f"http://user:hidden-word@127.0.0.1:{free_port()}").get("/api/x")
    assert "hidden-word" not in str(told.value)


def test_an_old_server_is_refused() -> None:
    """Protects from a server whose interface was never tried."""
    with (
        scripted([Reply(200, {"release": "1.13.1"})]) as server,
        pytest.raises(OutsideServiceError, match=r"1\.13\.1 is too old.*1\.20"),
    ):
        client_of(server.url).version()


@pytest.mark.parametrize("reply", [Reply(200, "<html>Welcome</html>"), Reply(404, "no"), Reply(200, [1])])
def test_another_program_at_that_address_is_noticed(reply: Reply) -> None:
    """Protects from taking any web server for Label Studio."""
    with scripted([reply]) as server, pytest.raises(OutsideServiceError, match="not Label Studio"):
        client_of(server.url).version()


def test_releases_are_compared_by_number() -> None:
    """Protects from 1.9 counting as newer than 1.20, and takes pre-releases as they are."""
    with scripted([Reply(200, {"release": "1.100.0rc1"})]) as server:
        assert client_of(server.url).version()[1] >= (1, 100)
    with scripted([Reply(200, {"release": "1.9.2"})]) as server, pytest.raises(OutsideServiceError):
        client_of(server.url).version()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://h:8080/", "http://h:8080"),
        (" https://h/labels/ ", "https://h/labels"),
        ("http://h:8080/projects/12/data?tab=1", "http://h:8080"),
        ("https://h/labels/user/account", "https://h/labels"),
    ],
)
def test_an_address_copied_from_the_browser_works(given: str, wanted: str) -> None:
    """Protects the lead who copies the address from a page inside Label Studio."""
    assert checked_url(given) == wanted


@pytest.mark.parametrize("given", ["labels.example.org", "ftp://h", "http://", ""])
def test_what_is_no_address_is_refused(given: str) -> None:
    """Protects from a request to nowhere with a message about sockets."""
    with pytest.raises(SettingsError, match="http://"):
        checked_url(given)


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Protects a managed server on a machine behind a company proxy."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with scripted([Reply(200, {"ok": 1})]) as server:
        assert client_of(server.url).get("/api/x") == {"ok": 1}


def test_a_personal_token_is_exchanged_once_and_renewed_when_refused() -> None:
    """Protects newer servers: one exchange for many calls, a second when the access token is not taken any more."""
    first, second = jwt(4e9, "first"), jwt(4e9, "second")
    replies = [Reply(200, {"access": first}), Reply(), Reply(), Reply(401), Reply(200, {"access": second}), Reply()]
    refresh = jwt(8e9, "refresh")
    with scripted(replies) as server:
        client = client_of(server.url, token=refresh)
        for _ in range(3):
            client.get("/api/x")
        assert [a for _, _, a, _ in server.seen] == [
            None, f"Bearer {first}", f"Bearer {first}", f"Bearer {first}", None, f"Bearer {second}",
        ]  # fmt: skip
        assert server.seen[0][3] == {"refresh": refresh}
        assert refresh not in f"{client!r} {client._http.auth!r}"


def test_a_personal_token_is_renewed_before_it_expires() -> None:
    """Protects a long run: no request is sent with a token that ends within seconds."""
    clock = [1000.0]
    replies = [Reply(200, {"access": jwt(1300)}), Reply(), Reply(), Reply(200, {"access": jwt(1600)}), Reply()]
    with scripted(replies) as server, httpx.Client(base_url=server.url) as http:
        http.auth = PersonalToken(jwt(9e9), server.url, now=lambda: clock[0])
        for clock[0] in (1000.0, 1200.0, 1290.0):
            http.get("/api/x")
        assert [path for _, path in server.calls] == [
            "/api/token/refresh", "/api/x", "/api/x", "/api/token/refresh", "/api/x",
        ]  # fmt: skip


def test_a_revoked_personal_token_is_told_as_such() -> None:
    """Protects the reader: make a new token, rather than look for a network fault."""
    with (
        scripted([Reply(401, {"detail": "Token is blacklisted"})]) as server,
        pytest.raises(OutsideServiceError, match="personal access token"),
    ):
        client_of(server.url, token=jwt(9e9)).get("/api/x")


@pytest.mark.parametrize("token", ["a.b.c", "e30.e30.x", "", "a.%%%.c"])
def test_a_token_without_an_expiry_has_the_default(token: str) -> None:
    """Protects from a crash on a token that is not a JWT in all its parts."""
    assert expiry_of(token, 7.0) == 7.0


def test_an_answer_whose_fate_is_unknown_is_given_exactly_once() -> None:
    """Protects a replay on a busy server: the repeated answer carries the same id, and a duplicate is found again."""
    replies = [
        Reply(500, {"detail": "database is locked"}),
        Reply(409, {"detail": "Annotation with this unique id already exists"}),
        Reply(200, {"id": 7}),
        Reply(200, [{"id": 3, "completed_by": 7}, {"id": 5, "completed_by": 7}, {"id": 9, "completed_by": 8}]),
    ]
    with scripted(replies) as server, AnnotatorSession(server.url, TOKEN) as session:
        assert session.submit(1, [], 2.0)["id"] == 5
        first, second = (body["unique_id"] for _, _, _, body in server.seen[:2])
    assert first == second
