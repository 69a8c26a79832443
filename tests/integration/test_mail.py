"""E-mail through a real SMTP server on this machine: sent once, to whom it is for, and never in the desks' way."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult

from labelwright.adapters.mail import post_office
from labelwright.adapters.processes import free_port
from labelwright.app.mailing import send_messages
from labelwright.app.settings_people import Mail
from labelwright.app.team_status import pause
from labelwright.entry.pages import own_page
from labelwright.model.errors import OutsideServiceError
from support.people import crew


class Box(Sink):
    def __init__(self):
        super().__init__()
        self.mail = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - the library's name
        if address.startswith("gone@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the library's name
        self.mail.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def box():
    """A server that takes mail, with an account."""

    def check(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"labelwright", b"right")
        return AuthResult(success=right, handled=False)

    handler = Box()
    port = free_port()
    server = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=check, auth_require_tls=False, auth_required=False
    )
    server.start()
    handler.port = port
    yield handler
    server.stop()


def settings(box, **more):
    return {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "desk@example.org"} | more


def office(mail):
    return lambda: post_office(mail)


def test_a_message_goes_out_once_to_her_and_to_the_lead(box, tmp_path):
    """Whoever is paused reads why; a second pass sends nothing; simulated annotators get no mail."""
    team = crew(tmp_path, mail=settings(box, lead="lead@example.org"))
    team.join("ada")
    team.join("robot", simulated=True)
    pause(team.project, team.person("ada"), "Grüße: bitte melde Dich.")
    pause(team.project, team.person("robot"), "")
    mail = team.project.settings.mail
    assert send_messages(team.project, office(mail)) == 3
    assert send_messages(team.project, office(mail)) == 0
    to = sorted(address for addresses, _ in box.mail for address in addresses)
    assert to == ["ada@example.org", "lead@example.org", "lead@example.org"]
    hers = next(m for addresses, m in box.mail if addresses == ["ada@example.org"])
    assert "Grüße: bitte melde Dich." in hers.get_body(("plain",)).get_content()
    assert hers["Subject"].endswith("Your desk is paused")


def test_a_report_arrives_whole(box, tmp_path):
    """The attached file is the page itself."""
    team = crew(tmp_path, mail=settings(box, user="labelwright", password="right"))
    ada = team.join("ada")
    page = own_page(team.project, ada)
    with post_office(team.project.settings.mail) as send:
        send(ada.email, "Your report\r\nBcc: all@example.org", "Attached.", page)
    ((to, got),) = box.mail
    assert to == ["ada@example.org"], "a line break in a subject adds no recipient"
    (attached,) = got.iter_attachments()
    assert attached.get_filename() == "feedback.html"
    assert attached.get_payload(decode=True).decode() == page


@pytest.mark.parametrize(
    ("change", "words"),
    [({"user": "labelwright", "password": "wrong"}, "password"), ({"security": "starttls"}, "STARTTLS")],
)
def test_a_refusal_is_an_outside_failure_and_the_message_stays(box, tmp_path, change, words):
    """Nothing goes out in the clear that was to be encrypted; the password is in no message."""
    team = crew(tmp_path, mail=settings(box, **change))
    team.join("ada")
    pause(team.project, team.person("ada"), "")
    with pytest.raises(OutsideServiceError) as refused:
        send_messages(team.project, office(team.project.settings.mail))
    assert words in str(refused.value)
    assert "wrong" not in str(refused.value)
    assert box.mail == []
    assert all(m.mailed_at is None for m in team.project.store.messages())


def test_an_address_that_is_refused_keeps_nobody_elses_message_back(box, tmp_path):
    """The one stays and is told, the others go out once."""
    team = crew(tmp_path, mail=settings(box))
    for name in ("gone", "ada"):
        team.join(name)
        pause(team.project, team.person(name), "")
    mail = team.project.settings.mail
    for _ in range(2):
        with pytest.raises(OutsideServiceError, match=r"gone@example.org: 550"):
            send_messages(team.project, office(mail))
    assert [addresses for addresses, _ in box.mail] == [["ada@example.org"]]


def test_a_server_that_is_down_is_said():
    """The next step names the settings."""
    mail = Mail(host="127.0.0.1", port=free_port(), security="none", sender="a@example.org")
    with pytest.raises(OutsideServiceError, match="mail"), post_office(mail):
        pass
