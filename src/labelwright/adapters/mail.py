"""E-mail by SMTP: what annotators and the lead are told, sent once, with the encryption that the settings ask for."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage

from labelwright.app.settings_people import Mail
from labelwright.model.errors import OutsideServiceError

_SECONDS = 20.0


@contextmanager
def post_office(mail: Mail) -> Iterator[Callable[[str, str, str, str | None], None]]:
    """A connection that sends: a function of address, subject, text and HTML (or None).

    Raises:
        OutsideServiceError: the server cannot be reached, refuses the account or a message, or has no encryption.
    """
    try:
        with _connected(mail) as server:
            yield lambda to, subject, text, html: _send(server, mail, to, subject, text, html)
    except (smtplib.SMTPException, OSError) as problem:
        raise _failed(mail, problem) from problem


def _failed(mail: Mail, problem: Exception) -> OutsideServiceError:
    return OutsideServiceError(
        f"The mail server refused: {_reason(problem)}",
        where=f"{mail.host}:{mail.port}",
        next_step="Check mail in labelwright.yaml; the messages stay and are sent with the next try",
    )


@contextmanager
def _connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    host, context = mail.host or "", ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, mail.port, timeout=_SECONDS, context=context)
        if mail.security == "tls"
        else smtplib.SMTP(host, mail.port, timeout=_SECONDS)
    )
    with server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password or "")
        yield server


def _send(server: smtplib.SMTP, mail: Mail, to: str, subject: str, text: str, html: str | None) -> None:
    message = EmailMessage()
    message["From"] = mail.sender or ""
    message["To"] = Address(addr_spec=to)
    message["Subject"] = " ".join(subject.split())[:200]
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html is not None:
        message.add_attachment(html.encode(), maintype="text", subtype="html", filename="feedback.html")
    try:
        server.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refused:  # this message; the server goes on
        raise _failed(mail, refused) from refused


def _reason(problem: Exception) -> str:
    """The server's own words, never the password."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return "it does not take this user and password"
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{who}: {code} {text!r}" for who, (code, text) in problem.recipients.items())
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {problem.smtp_error!r}"
    return str(problem) or type(problem).__name__
