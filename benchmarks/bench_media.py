"""The media server: megabytes a second of range reads over loopback, and how long the first byte takes.

A server of its own process with the product's route, one client that asks as a player does: a range, the next one. The
disk's own speed, read by the same client process, stands beside it.

python benchmarks/bench_media.py serve FOLDER PORT
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
SIZE = 512 << 20
RANGE = 16 << 20
SECRET = "5e" * 32
FIRST_BYTES = 300
REPEATS = 3


def serve(folder: Path, port: int) -> None:
    """The product's server with one item: a film of half a gigabyte."""
    import uvicorn

    from labelwright.adapters.media.files import LocalMedia
    from labelwright.entry.api.app import create_app
    from labelwright.entry.api.media import media_router
    from labelwright.model.project import Item

    media = LocalMedia((folder,), frozenset({"video"}), lambda: SECRET, lambda: f"http://127.0.0.1:{port}", time.time)
    router = media_router(lambda: media, lambda i: Item(i, {"video": i}), set)
    app = create_app("s", lambda _: None, lambda: "ok", router)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


def path_of(port: int) -> str:
    """A link that opens the film."""
    from labelwright.adapters.media.links import link

    address = link(f"http://127.0.0.1:{port}", SECRET, "film.mp4", "video", int(time.time()) + 3600)
    return address.partition(f":{port}")[2]


def throughput(port: int, path: str) -> float:
    """Megabytes (2**20) a second over the whole film, range by range, on one connection."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    hold = memoryview(bytearray(1 << 20))
    started = time.perf_counter()
    for start in range(0, SIZE, RANGE):
        client.request("GET", path, headers={"Range": f"bytes={start}-{start + RANGE - 1}"})
        answer = client.getresponse()
        read = 0
        while got := answer.readinto(hold):
            read += got
        if (answer.status, read) != (206, RANGE):
            sys.exit(f"{answer.status}, {read} bytes")
    return SIZE / (time.perf_counter() - started) / (1 << 20)


def first_bytes(port: int, path: str) -> list[float]:
    """Milliseconds from the request to the first byte of the body, at places all over the film; ascending."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.connect()
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found = []
    for turn in range(FIRST_BYTES):
        start = turn * 7_919_333 % (SIZE - 65_536)
        begun = time.perf_counter()
        client.request("GET", path, headers={"Range": f"bytes={start}-{start + 65_535}"})
        answer = client.getresponse()
        answer.read(1)
        found.append(1000 * (time.perf_counter() - begun))
        answer.read()
    return sorted(found)


def disk(path: Path) -> float:
    """Megabytes (2**20) a second of plain reads by this process."""
    hold = memoryview(bytearray(1 << 20))
    started = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.readinto(hold):
            pass
    return SIZE / (time.perf_counter() - started) / (1 << 20)


def up(port: int) -> None:
    """Wait for the server."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not start")


def main() -> dict[str, Any]:
    """The best of three for the speed; the median and the 95th percentile of the first bytes."""
    with tempfile.TemporaryDirectory() as place:
        film = Path(place) / "film.mp4"
        with film.open("wb") as file:
            for _ in range(SIZE >> 20):
                file.write(bytes(range(256)) * 4096)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen([sys.executable, str(HERE), "serve", place, str(port)])
        try:
            up(port)
            path = path_of(port)
            speeds = [throughput(port, path) for _ in range(REPEATS)]
            waits = first_bytes(port, path)
        finally:
            server.terminate()
            server.wait()
        return {
            "mb_per_second": round(max(speeds)),
            "mb_per_second_at_least": 500,
            "mb_per_second_of_the_disk": round(disk(film)),
            "first_byte_ms_median": round(statistics.median(waits), 2),
            "first_byte_ms_p95": round(waits[int(0.95 * len(waits))], 2),
            "first_byte_ms_at_most": 10,
        }


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        json.dump(main(), sys.stdout)
