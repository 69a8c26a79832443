"""Media in a second S3-compatible store, written by others in another language, with rules of its own for browsers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from labelwright.adapters.media.buckets import Buckets
from labelwright.adapters.media.listing import list_objects
from labelwright.adapters.processes import free_port, wait_until
from labelwright.entry.cli.doctor import _bucket
from labelwright.model.errors import CheckFailedError, OutsideServiceError

pytestmark = pytest.mark.server
SERVER = Path(__file__).parents[1] / "s3rver" / "node_modules" / ".bin" / "s3rver"
ORIGIN = "http://label-studio.test:8080"
BODY = bytes(range(256)) * 5000
RULES = f"""<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule>
<AllowedOrigin>{ORIGIN}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>
</CORSRule></CORSConfiguration>"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    if not SERVER.exists():
        pytest.skip("s3rver is not installed: tests/system-packages.sh")
    folder, port = tmp_path_factory.mktemp("s3rver"), free_port()
    (folder / "rules.xml").write_text(RULES)
    command = [str(SERVER), "-d", str(folder / "data"), "-a", "127.0.0.1", "-p", str(port)]
    command += ["--configure-bucket", "open", str(folder / "rules.xml"), "--configure-bucket", "closed"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    buckets = Buckets(f"http://127.0.0.1:{port}", "S3RVER", "S3RVER", "us-east-1")

    def is_up() -> bool:
        try:
            return httpx.get(str(buckets.endpoint), trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False

    try:
        assert wait_until(is_up, timeout=60)
        for bucket in ("open", "closed"):
            buckets._store.pipe_file(f"{bucket}/films/a.mp4", BODY)
        yield buckets
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_objects_are_listed_read_in_parts_and_opened_by_signed_links(store, tmp_path):
    """The same adapter, another server: what moto forgives is found here."""
    assert list_objects(store, "s3://open/films", tmp_path).read_text().count("s3://open/films/a.mp4") == 1
    found = store.look("s3://open/films/a.mp4")
    assert (found.size, store.look("s3://open/none.mp4")) == (len(BODY), None)
    assert b"".join(store.read(found.url, 10, 1_200_000)) == BODY[10:1_200_000]
    part = httpx.get(store.signed(found.url), headers={"Range": "bytes=5-9"}, trust_env=False)
    assert (part.status_code, part.content) == (206, BODY[5:10])
    assert store.shows_to(found.url, ORIGIN)
    assert not store.shows_to(found.url, "http://evil.test")


def test_doctor_tells_keys_objects_and_who_may_read(store):
    """Each of the ways in which a bucket leaves annotators with an empty screen is named with its next step."""

    def place(buckets, links="auto"):
        return SimpleNamespace(
            media=SimpleNamespace(buckets=buckets),
            settings=SimpleNamespace(media=SimpleNamespace(links=links)),
            label_studio_origins=lambda: {ORIGIN},
            media_address=lambda: "http://127.0.0.1:8200",
        )

    assert "which allows" in _bucket(place(store), ["s3://open/films/a.mp4"])
    assert "no CORS rule" in _bucket(place(store), ["s3://closed/films/a.mp4"])
    assert "through Labelwright's server" in _bucket(place(store, "proxied"), ["s3://open/films/a.mp4"])
    with pytest.raises(CheckFailedError, match="CORS"):
        _bucket(place(store, "presigned"), ["s3://closed/films/a.mp4"])
    with pytest.raises(CheckFailedError, match="1 of 1 objects are gone"):
        _bucket(place(store), ["s3://open/gone.mp4"])
    with pytest.raises(OutsideServiceError):
        _bucket(place(Buckets("http://127.0.0.1:9", "S3RVER", "S3RVER", "us-east-1")), ["s3://open/films/a.mp4"])
