"""The secrets file: only its owner reads it, it is replaced whole, and two writers lose nothing."""

from __future__ import annotations

import multiprocessing
import stat

import pytest

from labelwright.adapters.secrets import SecretsFile, new_key, new_password
from labelwright.model.errors import SettingsError


@pytest.fixture
def secrets(tmp_path):
    return SecretsFile(tmp_path / "state" / "secrets.json")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_reads_it(secrets, tmp_path, monkeypatch):
    """Its mode is 0600 from the first write on, whatever the umask is, and also after a change."""
    import os

    before = os.umask(0)
    try:
        secrets.ensure("webhook_secret")
        assert mode(tmp_path / "state" / "secrets.json") == 0o600
        secrets.update({"a": "b"})
        secrets.put_account("ada", {"token": "t"})
        assert mode(tmp_path / "state" / "secrets.json") == 0o600
        assert mode(tmp_path / "state" / "secrets.lock") == 0o600
    finally:
        os.umask(before)
    assert sorted(p.name for p in (tmp_path / "state").iterdir()) == ["secrets.json", "secrets.lock"]


def test_a_secret_is_drawn_once(secrets):
    """The second use gives the same value; another name another one, of the length that was asked for."""
    first = secrets.ensure("admin_token", 40)
    assert secrets.ensure("admin_token", 40) == first
    assert len(first) == 40
    assert secrets.ensure("admin_password") != first
    assert secrets.get("nothing") is None


def test_an_account_keeps_what_is_not_changed(secrets):
    """A token that comes later does not cost the password that was kept first."""
    secrets.put_account("ada", {"email": "a@example.org", "password": "p"})
    secrets.put_account("bob", {"password": "q"})
    secrets.put_account("ada", {"token": "t"})
    assert secrets.account("ada") == {"email": "a@example.org", "password": "p", "token": "t"}
    assert secrets.account("bob") == {"password": "q"}
    assert secrets.account("cem") == {}


def test_a_damaged_file_is_told_and_not_written_over(secrets, tmp_path):
    """Half a file is never taken for an empty one: that would lock everybody out of Label Studio."""
    secrets.ensure("admin_password")
    path = tmp_path / "state" / "secrets.json"
    damaged = path.read_text()[:-5]
    path.write_text(damaged)
    for act in (secrets.read, lambda: secrets.ensure("admin_password"), lambda: secrets.update({"a": 1})):
        with pytest.raises(SettingsError) as caught:
            act()
        assert str(path) in str(caught.value)
    assert path.read_text() == damaged


def test_new_passwords_and_keys_are_all_different():
    """Opaque ids and passwords do not repeat and carry nothing that could be counted."""
    assert len({new_key() for _ in range(1000)} | {new_password() for _ in range(1000)}) == 2000
    assert len(new_key()) == 24
    assert len(new_password()) >= 16


def _write(path, name):
    for n in range(20):
        SecretsFile(path).put_account(f"{name}-{n}", {"password": name})


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    """`team add` in two terminals: every account is there afterwards."""
    path = tmp_path / "secrets.json"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert len(SecretsFile(path).read()["accounts"]) == 60
