"""The REST API on a seeded store: rights, protection, paging, decisions; nothing foreign gets in, nothing breaks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from labelwright.app.console.accounts import Accounts
from labelwright.app.console.throttle import FREE, Throttle
from labelwright.entry.api.v1.access import COOKIE, CSRF_HEADER
from labelwright.entry.cli.servers import console_link
from labelwright.model.console import Role
from support.console import CLASSES, console

N = 120


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    with console(tmp_path_factory.mktemp("console") / "place", N) as found:
        yield found


@pytest.fixture
def lead(seeded):
    seeded.client.cookies.clear()
    return seeded.sign_in()


def stranger(seeded) -> TestClient:
    return TestClient(seeded.app, base_url="http://127.0.0.1")


def let_in(seeded, lead, role, annotator=None) -> TestClient:
    made = lead.post("/api/v1/accounts", json={"name": f"A {role}", "role": role, "annotator": annotator}).json()
    client = stranger(seeded)
    me = client.post("/api/v1/session/link", json={"token": made["link"].rsplit("/", 1)[1]}).json()
    client.headers[CSRF_HEADER] = me["csrf"]
    return client


# ---------------------------------------------------------------- who gets in


def test_nobody_sees_anything_before_signing_in(seeded):
    """Every path of the API but the ways to sign in answers 401 to a stranger."""
    paths = seeded.app.router.routes
    client = stranger(seeded)
    document = client.get("/api/v1/openapi.json").json()
    assert len(document["paths"]) > 35
    assert paths
    for path, methods in document["paths"].items():
        if path.startswith(("/session", "/oidc", "/own/")):
            continue  # the ways in, and the page behind a signed link
        for method in methods:
            filled = path.replace("{name}.csv", "people.csv").replace("{", "").replace("}", "")
            answer = client.request(method, "/api/v1" + filled)
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert answer.json()["next_step"]


def test_a_link_works_once_and_makes_the_lead(seeded):
    """Whoever reads the link over a shoulder later gets nothing."""
    secret = console_link(seeded.place).rsplit("/", 1)[1]
    first, second = stranger(seeded), stranger(seeded)
    answer = first.post("/api/v1/session/link", json={"token": secret})
    assert answer.json()["role"] == "lead"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert second.post("/api/v1/session/link", json={"token": secret}).status_code == 409


def test_each_role_sees_and_does_what_it_may_and_no_more(seeded, lead):
    """A reader changes nothing, a reviewer manages nobody, an annotator sees no management data."""
    reader, reviewer = let_in(seeded, lead, "read-only"), let_in(seeded, lead, "reviewer")
    annotator = let_in(seeded, lead, "annotator", "ada")
    decide = ("/api/v1/items/r0000003/decision", {"label": "Neutral"})
    assert reader.get("/api/v1/overview").status_code == 200
    assert reader.post(decide[0], json=decide[1]).status_code == 403
    assert reviewer.post(decide[0], json=decide[1]).status_code == 200
    assert reviewer.patch("/api/v1/people/ada", json={"status": "paused"}).status_code == 403
    assert [annotator.get(f"/api/v1/{p}").status_code for p in ("overview", "items", "people", "audit")] == [403] * 4
    mine = annotator.get("/api/v1/me").json()
    assert mine["name"] == "Ada"
    assert mine["done"] > 0
    assert all("ben" not in str(c) for c in mine["confusions"])


def test_a_personal_link_opens_one_page_and_signs_nobody_in(seeded, lead):
    """Whoever holds the link sees that annotator's page and no management data; a wrong one opens nothing."""
    link = lead.get("/api/v1/people/ada").json()["personal_link"]
    client = stranger(seeded)
    mine = client.get("/api/v1" + link.replace("/me/", "/own/"))
    assert mine.json()["name"] == "Ada"
    assert mine.json()["done"] > 0
    assert not client.cookies
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/people").status_code == 401
    assert client.get("/api/v1" + link.replace("/me/ada", "/own/ben")).status_code == 404
    assert let_in(seeded, lead, "read-only").get("/api/v1/people/ada").json()["personal_link"] is None


def test_another_site_cannot_act_for_who_is_signed_in(seeded, lead):
    """Neither without the protection token nor with a foreign origin does anything change."""
    body = {"status": "paused"}
    assert lead.patch("/api/v1/people/ben", json=body, headers={CSRF_HEADER: "guess"}).status_code == 403
    evil = {"Origin": "https://evil.example.org"}
    assert lead.patch("/api/v1/people/ben", json=body, headers=evil).status_code == 403
    assert lead.post("/api/v1/session/link", json={"token": "x"}, headers=evil).status_code == 403
    assert lead.get("/api/v1/people/ben").json()["status"] == "active"


def test_tokens_allow_what_they_say_and_end_when_revoked(seeded, lead):
    """A script's token reads, and no more; revoked it opens nothing."""
    made = lead.post("/api/v1/tokens", json={"name": "nightly", "scopes": ["read"]}).json()
    script = stranger(seeded)
    script.headers["Authorization"] = f"Bearer {made['secret']}"
    assert script.get("/api/v1/overview").status_code == 200
    assert script.patch("/api/v1/people/ben", json={"status": "paused"}).status_code == 403
    assert script.post("/api/v1/tokens", json={"name": "more", "scopes": ["manage"]}).status_code == 403
    assert made["secret"] not in str(lead.get("/api/v1/tokens").json())
    assert lead.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert script.get("/api/v1/overview").status_code == 401


def test_a_password_signs_in_and_guessing_is_slowed_down(seeded, lead):
    """Five wrong tries, then the sixth waits whatever it says."""
    profile = {"name": "Lead", "email": "lead@example.org", "password": "a long enough one"}
    assert lead.put("/api/v1/session/profile", json=profile).status_code == 200
    client = stranger(seeded)
    right = {"email": "lead@example.org", "password": "a long enough one"}
    assert client.post("/api/v1/session", json=right).status_code == 200
    wrong = [client.post("/api/v1/session", json={**right, "password": "no"}).status_code for _ in range(FREE + 1)]
    assert wrong == [401] * FREE + [429]
    assert client.post("/api/v1/session", json=right).headers["retry-after"]
    seeded.service.console.throttle.succeeded("address:lead@example.org", "client:testclient")


def test_the_wait_doubles_and_ends_with_success():
    """Throttling by the clock that it is given: 1, 2, 4 seconds."""
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    waits = []
    for _ in range(FREE + 3):
        throttle.failed("k")
        waits.append(throttle.wait("k"))
    assert waits[-4:] == [1.0, 2.0, 4.0, 8.0]
    now[0] = 8.0
    assert throttle.wait("k") == 0
    throttle.succeeded("k")
    assert throttle.wait("k") == 0


def test_an_old_session_gets_another_key_and_the_old_one_soon_ends(seeded):
    """A cookie that was stolen opens nothing for long."""

    class Clock:
        at = seeded.service.console.project.clock.now()

        def now(self):
            return self.at

    from datetime import timedelta

    from labelwright.adapters.passwords import Argon2

    clock = Clock()
    accounts = Accounts(seeded.service.console.project.store, clock, Argon2())
    cookie, _ = accounts.open_session(accounts.add("Eve", Role.READER))
    principal, session = accounts.of_cookie(cookie)
    assert accounts.rotated(session, principal.account) is None
    clock.at += timedelta(hours=2)
    fresh = accounts.rotated(session, principal.account)
    clock.at += timedelta(minutes=2)
    assert accounts.of_cookie(cookie) is None
    assert accounts.of_cookie(fresh)[0].account.name == "Eve"


def test_the_last_lead_stays(seeded, lead):
    """Nobody can lock everybody out."""
    leads = [a for a in lead.get("/api/v1/accounts").json() if a["role"] == "lead"]
    assert len(leads) == 1
    assert lead.patch(f"/api/v1/accounts/{leads[0]['id']}", json={"active": False}).status_code == 409


# ---------------------------------------------------------------- items


def test_pages_hold_every_item_once_in_any_order(lead):
    """Keyset paging neither skips nor repeats, also among equal and undefined values."""
    for sort in ("item", "disagreement", "posterior", "answers", "changed_at"):
        for descending in (False, True):
            seen, values, after = [], [], None
            while True:
                asked = {"sort": sort, "descending": descending, "limit": 7} | ({"after": after} if after else {})
                page = lead.get("/api/v1/items", params=asked).json()
                seen += [i["item"] for i in page["items"]]
                values += [i[sort] for i in page["items"]]
                after = page["next"]
                if after is None:
                    break
            assert len(seen) == len(set(seen)) == N, (sort, descending)
            known = [v for v in values if v is not None]
            assert values[: len(known)] == known, "what is undefined comes last"
            assert all((a >= b) if descending else (a <= b) for a, b in pairwise(known))


def test_search_filter_and_facets_agree_with_each_other(lead):
    """What a facet counts is what its filter finds; a search finds letters, not patterns."""
    facets = lead.get("/api/v1/items/facets").json()
    for state, n in facets["state"].items():
        assert lead.get("/api/v1/items", params={"state": state}).json()["total"] == n
    for who, n in facets["annotator"].items():
        assert lead.get("/api/v1/items", params={"annotator": who}).json()["total"] == n
    shop, n = next(iter(facets["slice:source"].items()))
    assert lead.get("/api/v1/items", params={"slice": f"source:{shop}"}).json()["total"] == n
    assert lead.get("/api/v1/items", params={"search": "BATTERY"}).json()["total"] == N // 10
    assert lead.get("/api/v1/items", params={"search": "%"}).json()["total"] == 0
    pair = lead.get("/api/v1/items", params={"pair": "Positive~Negative"}).json()
    for row in pair["items"]:
        assert {"Positive", "Negative"} <= {s["label"] for s in row["said"]}


def test_a_period_opens_the_items_that_were_answered_in_it(lead):
    """Both ends count, minutes split a day, and a time that does not exist is refused with the way to write one."""
    answers = lead.get("/api/v1/items/r0000007/detail").json()["answers"]
    minute = max(a["updated_at"] for a in answers)[:16]
    found = lead.get("/api/v1/items", params={"answered": f"{minute}..{minute}", "limit": 500}).json()
    assert 0 < found["total"] < N
    assert "r0000007" in {row["item"] for row in found["items"]}
    every = {"answered": "2000-01-01..2100-01-01"}
    assert lead.get("/api/v1/items", params=every).json()["total"] == N
    assert lead.get("/api/v1/items", params={"answered": "2000-01-01..2000-01-02"}).json()["total"] == 0
    refused = lead.get("/api/v1/items", params={"answered": "2026-13-45..2026-13-46"})
    assert refused.status_code in {400, 422}
    assert "2026-11-02..2026-11-05" in refused.text


def test_a_cell_of_the_confusion_opens_exactly_its_items(lead):
    """The count behind a cell is the number of pairs of answers in the items that it opens."""
    found = lead.get("/api/v1/agreement").json()["confusion"]
    for i, a in enumerate(found["classes"]):
        for j, b in enumerate(found["classes"][:i]):
            asked = {"pair": f"{a}~{b}", "control": "label", "limit": 500}
            assert lead.get("/api/v1/items", params=asked).json()["total"] == found["counts"][i][j]


def test_an_item_page_shows_every_answer_and_what_is_hostile_as_text(lead):
    """All answers side by side, and the data as it is: escaping is the page's, the API changes no word."""
    found = lead.get("/api/v1/items/r0000099/detail").json()
    assert found["data"]["text"].startswith("<img src=x onerror")
    assert len(found["answers"]) == 2
    assert all(a["labels"]["label"] in CLASSES for a in found["answers"])
    assert lead.get("/api/v1/items/absent/detail").status_code == 404


def test_a_final_word_is_kept_with_its_author_and_leaves_the_queue(lead):
    """An adjudication is the consensus from then on, and the audit log tells who gave it."""
    queue = lead.get("/api/v1/review").json()
    item = queue["items"][0]["item"]
    assert lead.post(f"/api/v1/items/{item}/decision", json={"label": "no class"}).status_code == 422
    assert lead.post(f"/api/v1/items/{item}/decision", json={"label": "Neutral", "reason": "irony"}).status_code == 200
    kept = lead.get(f"/api/v1/items/{item}/detail").json()["consensus"][0]
    assert (kept["state"], kept["label"], kept["reason"]) == ("adjudicated", "Neutral", "irony")
    assert any(e["action"] == "item.decide" and e["target"] == item for e in lead.get("/api/v1/audit").json())


def test_one_more_answer_goes_to_somebody_who_has_not_seen_the_item(seeded, lead):
    """Independence: an item never goes to the same annotator twice."""
    item = "r0000004"
    seen = {a["annotator"] for a in lead.get(f"/api/v1/items/{item}/detail").json()["answers"]}
    assert lead.post("/api/v1/items/actions", json={"items": [item], "action": "one_more"}).json()["n"] == 1
    waiting = lead.get(f"/api/v1/items/{item}/detail").json()["waiting"]
    assert len(waiting) == 1
    assert waiting[0]["annotator"] not in seen


def test_every_table_downloads_and_no_cell_is_a_formula(lead):
    """What a spreadsheet opens runs nothing."""
    for name in ("people", "rounds", "agreement", "pairs", "classes", "confusion", "gaps", "throughput", "audit"):
        answer = lead.get(f"/api/v1/tables/{name}.csv")
        assert answer.status_code == 200, name
        assert len(answer.text.splitlines()) > 1, name
    items = lead.get("/api/v1/tables/items.csv").text.splitlines()
    assert len(items) == N + 1
    from labelwright.entry.api.v1.downloads import _cell

    assert _cell("=1+1") == "'=1+1"
    assert _cell(-1.5) == -1.5


# ---------------------------------------------------------------- guidelines, set-up, pages


def test_guidelines_are_not_overwritten_by_who_edited_an_older_version(seeded, lead):
    """Of two who edit at once the second is told, and nothing is lost."""
    before = lead.get("/api/v1/guidelines").json()
    edit = {"text": before["text"] + "\nIrony counts.\n", "based_on": before["version"]}
    changed = lead.put("/api/v1/guidelines", json=edit)
    assert changed.status_code == 200
    assert changed.json()["version"] == before["version"] + 1
    assert lead.put("/api/v1/guidelines", json=edit).status_code == 409
    shown = lead.post("/api/v1/guidelines/preview", json={"text": "<script>alert(1)</script> **b**"}).json()["html"]
    assert "<script" not in shown
    assert "<strong>b</strong>" in shown


def test_an_upload_never_leads_out_of_its_folder(seeded, lead):
    """A file's name is a name; what is no table is refused."""
    csv = ("../../evil name.csv", b"id,text\n1,hello\n2,there\n", "text/csv")
    found = lead.post("/api/v1/setup/files", files={"file": csv}).json()
    assert found["file"] == "evil_name.csv"
    assert found["columns"] == ["id", "text"]
    assert len(found["rows"]) == 2
    assert (seeded.place.root / "data" / "evil_name.csv").is_file()
    assert lead.post("/api/v1/setup/files", files={"file": ("x.exe", b"MZ")}).status_code == 422
    screen = lead.post(
        "/api/v1/setup/preview", json={"template": "text-classification", "file": "evil_name.csv"}
    ).json()
    assert screen["columns"] == {"text": "text"}
    assert screen["controls"][0]["classes"] == list(CLASSES)
    locked = {"template": "text-classification", "file": "evil_name.csv", "name": "again"}
    assert lead.post("/api/v1/setup/apply", json=locked).status_code == 409


def test_every_deep_link_is_the_apps_page_with_a_strict_policy(seeded):
    """Reloading a deep link works; nothing but our own scripts runs, and no other host is asked."""
    for path in ("/", "/items/r0000099", "/people/ada?x=1", "/anything/else"):
        answer = stranger(seeded).get(path)
        assert answer.status_code == 200
        assert "text/html" in answer.headers["content-type"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "http:" not in policy
        assert "https:" not in policy


def test_cookies_of_nobody_open_nothing(seeded):
    """A made-up cookie is nobody's."""
    client = stranger(seeded)
    client.cookies.set(COOKIE, "made-up")
    assert client.get("/api/v1/session").status_code == 401
