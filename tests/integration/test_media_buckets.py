"""Media in an S3-compatible store: listed, shown in ranges, by links that end; on moto's server, which speaks S3 over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from labelwright.adapters.media.buckets import Buckets
from labelwright.adapters.media.files import LocalMedia
from labelwright.adapters.media.listing import list_objects
from labelwright.adapters.media.thumbnails import Thumbnails
from labelwright.adapters.pool.copies import Copies
from labelwright.adapters.pool.files import FilePool
from labelwright.adapters.processes import free_port, wait_until
from labelwright.app.selection import select
from labelwright.app.steps import refuse_changed_pool
from labelwright.bootstrap import open_workspace
from labelwright.entry.api.media import media_router
from labelwright.model.errors import CheckFailedError, DataError, OutsideServiceError, UsageError
from labelwright.model.project import Item
from labelwright.ports import PoolSpec
from support.command import run
from support.media import picture
from support.servers import Silent

pytestmark = pytest.mark.server
ORIGIN = "http://label-studio.test:8080"
BODY = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def store() -> Iterator[Buckets]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{endpoint}/moto-api/", trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False

    try:
        assert wait_until(is_up, timeout=60)
        buckets = Buckets(endpoint, "a-key", "a-secret", "us-east-1")
        buckets._store.call_s3("create_bucket", Bucket="cells")
        yield buckets
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def put(store, tmp_path):
    def add(key: str, body: bytes) -> str:
        store._store.pipe_file(f"cells/{key}", body)
        return f"s3://cells/{key}"

    return add


def served(store: Buckets, url: str, *, direct: bool = False) -> tuple[TestClient, str]:
    """The route and a link to the object, as it stands on a desk."""
    item = Item("i", {"image": url})
    media = LocalMedia(
        roots=(), fields=frozenset({"image"}), secret=lambda: "secret", address=lambda: "http://testserver",
        now=lambda: 1_700_000_000.0, buckets=store, direct=lambda _: direct,
    )  # fmt: skip
    app = FastAPI()
    app.include_router(media_router(lambda: media, lambda i: item if i == "i" else None, lambda: {ORIGIN}))
    return TestClient(app), media.shown(item, "image")


def test_a_data_file_in_a_bucket_is_the_pool(store, put, tmp_path, monkeypatch):
    """From init over settings to the choosing of items; the copy is made once, and an object that changed is noticed."""
    rows = "".join(f'{{"id": "s{k}", "text": "sentence number {k}"}}\n' for k in range(300))
    url = put("pools/texts.jsonl", rows.encode())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    root = tmp_path / "ws"
    arguments = ["init", str(root), "--data", url, "--template", "text-classification", "--labels", "A,B", "--id", "id"]
    made = run(*arguments, "--endpoint", store.endpoint, "--json")
    assert made.document["data"]["items"] == 300
    place = open_workspace(root)
    assert place.settings.data.files == (url,)
    project = place.project()
    chosen = select(project, 1, 20, apart=np.empty(0, dtype=np.int64))
    assert len(chosen.rows) == 20
    assert project.pool.items([7])[0].data == {"text": "sentence number 7"}
    copied = place.copies.place(url).stat().st_mtime_ns
    place.copies.fetch(url, Silent())
    assert place.copies.place(url).stat().st_mtime_ns == copied
    assert project.pool.changed() == []
    put("pools/texts.jsonl", rows.encode() + b'{"id": "new", "text": "one more"}\n')
    assert project.pool.changed() == [url]
    with pytest.raises(CheckFailedError, match="changed since"):
        refuse_changed_pool(project)
    with pytest.raises(DataError, match="no such object"):
        place.copies.fetch("s3://cells/pools/none.csv", Silent())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_every_kind_of_data_file_is_read_from_a_bucket(store, put, tmp_path, suffix: str):
    """The same rows whatever the file's kind."""
    frame, here = pl.DataFrame({"id": ["a", "b"], "text": ["one", "two"]}), tmp_path / f"rows.{suffix}"
    frame.write_csv(here) if suffix == "csv" else frame.write_parquet(here)
    url = put(f"pools/rows.{suffix}", here.read_bytes())
    path = Copies(tmp_path / "copies", store).fetch(url, Silent())
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(PoolSpec((path,), {"text": "text"}, id_column="id")).items == 2
    assert [item.data["text"] for item in pool.items([0, 1])] == ["one", "two"]


def test_a_prefix_becomes_items_one_an_object(store, put, tmp_path):
    """Who names a bucket gets its pictures as a pool, and nothing else that lies there."""
    put("batch/x/a.png", picture(tmp_path / "a.png").read_bytes())
    put("batch/b.JPG", b"bytes")
    put("batch/notes.txt", b"no")
    listed = list_objects(store, "s3://cells/batch/", tmp_path / "ws")
    pool = FilePool(tmp_path / "state")
    spec = PoolSpec((listed,), {"image": "path"}, metadata_columns=("folder", "kind"), links=("image",), probe=True)
    assert pool.import_files(spec).items == 2
    found = {i.data["image"]: dict(i.metadata) for i in pool.items([0, 1])}
    assert found["s3://cells/batch/x/a.png"] == {"folder": "x", "kind": "image"}
    assert set(found) == {"s3://cells/batch/x/a.png", "s3://cells/batch/b.JPG"}


def test_a_proxied_object_is_given_whole_and_in_parts(store, put):
    """A player that seeks asks for a part: it gets that part and nothing else, with the headers of a file."""
    client, link = served(store, put("film.mp4", BODY))
    assert urlsplit(link).path.startswith("/media/")
    whole = client.get(link, headers={"Origin": ORIGIN})
    assert (whole.status_code, whole.content) == (200, BODY)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["access-control-allow-origin"] == ORIGIN
    for wish, start, end in (
        ("bytes=10-19", 10, 20),
        ("bytes=1200000-", 1_200_000, len(BODY)),
        ("bytes=-5", len(BODY) - 5, len(BODY)),
    ):
        part = client.get(link, headers={"Range": wish})
        assert (part.status_code, part.content) == (206, BODY[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert client.get(link, headers={"Range": f"bytes={len(BODY)}-"}).status_code == 416
    head = client.head(link)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(BODY)))
    assert "access-control-allow-origin" not in client.get(link, headers={"Origin": "http://evil.test"}).headers


def test_what_is_gone_or_no_media_is_refused(store, put):
    """An object that was deleted after delivery, and one that no screen can show."""
    client, link = served(store, "s3://cells/none.png")
    assert client.get(link).status_code == 410
    client, link = served(store, put("page.html", b"<script>"))
    assert client.get(link).status_code == 415


def test_a_presigned_link_opens_the_object_without_keys_in_it(store, put):
    """Browsers read from the store itself; the link is signed and holds no secret."""
    _, link = served(store, put("a.png", b"png"), direct=True)
    assert link.startswith(store.endpoint)
    assert "a-secret" not in link
    assert "X-Amz-Signature" in link
    assert httpx.get(link, trust_env=False).content == b"png"


def test_whether_pages_may_read_is_tried_not_believed(store, put):
    """A store without an answer, or without the right origin, is proxied."""
    url = put("a.png", b"png")
    assert not Buckets("http://127.0.0.1:9", "k", "s").shows_to(url, ORIGIN)
    answer = httpx.get(store.signed(url), headers={"Origin": ORIGIN}, trust_env=False)
    assert store.shows_to(url, ORIGIN) == (answer.headers.get("access-control-allow-origin") in ("*", ORIGIN))


def test_errors_name_the_store_and_no_secret(tmp_path, store):
    """A wrong address or an empty prefix: what happened, where, and what to do."""
    with pytest.raises(OutsideServiceError, match=r"media\.endpoint") as refused:
        list(Buckets("http://127.0.0.1:9", "k", "a-secret", "us-east-1").objects("s3://cells/x"))
    assert "a-secret" not in str(refused.value)
    with pytest.raises(DataError, match="no image"):
        list_objects(store, "s3://cells/nothing-here", tmp_path)
    with pytest.raises(UsageError, match="names no bucket"):
        list_objects(store, "s3://", tmp_path)
    assert "a-secret" not in repr(Buckets(None, "k", "a-secret"))


def test_the_command_takes_a_prefix(store, put, tmp_path: Path, monkeypatch):
    """`init --data s3://…` as a user types it: workspace, list, pool, settings with the store's address."""
    from labelwright.bootstrap import open_workspace
    from labelwright.entry.cli.init import init_command

    put("three/a.png", b"1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    init_command(
        tmp_path / "ws", data="s3://cells/three", template="image-classification", endpoint=store.endpoint, as_json=True
    )
    place = open_workspace(tmp_path / "ws")
    assert place.settings.media.endpoint == store.endpoint
    (item,) = place.project().pool.items([0])
    assert item.data["image"] == "s3://cells/three/a.png"
    assert "a-secret" not in (tmp_path / "ws" / "labelwright.yaml").read_text()


def test_an_object_has_a_small_picture(store, put, tmp_path):
    """A list shows what lies in a bucket; an object that is no picture, whatever its name, shows nothing."""
    good = put("small/a.png", picture(tmp_path / "a.png").read_bytes())
    bad = put("small/b.png", b"no picture")
    items = {n: Item(n, {"image": url}) for n, url in {"a": good, "b": bad}.items()}
    media = LocalMedia(
        roots=(), fields=frozenset({"image"}), secret=lambda: "secret", address=lambda: "http://testserver",
        now=lambda: 1_700_000_000.0, buckets=store, thumbnails=Thumbnails(tmp_path / "thumbnails"),
    )  # fmt: skip
    app = FastAPI()
    app.include_router(media_router(lambda: media, items.get, lambda: {ORIGIN}))
    client = TestClient(app)
    answer = client.get(media.thumbnail(items["a"], "image"))
    assert (answer.status_code, answer.content[:3]) == (200, b"\xff\xd8\xff")
    assert client.get(media.thumbnail(items["b"], "image")).status_code == 404
