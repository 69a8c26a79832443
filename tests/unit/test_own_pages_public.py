"""Annotators' own pages from other machines: behind a reverse proxy that passes on their pages and nothing else."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from labelwright.adapters.health import check_pages
from labelwright.adapters.processes import free_port
from labelwright.bootstrap import open_workspace
from labelwright.entry.api.own_page import own_page_router
from labelwright.entry.cli.team import page_of
from labelwright.model.errors import OutsideServiceError, SettingsError
from support.people import crew
from support.workspaces import configure


@contextmanager
def pages(team):
    """Labelwright's own pages on 127.0.0.1, as its server serves them."""
    app = FastAPI()
    app.include_router(own_page_router(lambda: team.project, team.place.secrets.ensure("page_secret", 64)))

    @app.get("/private")
    def private() -> str:
        return "not for annotators"

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=free_port(), log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join(10)


@contextmanager
def proxy(target):
    """A reverse proxy that passes on `/me/` alone, as the operations guide says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            passed = self.path.startswith("/me/")
            answer = httpx.get(target + self.path, timeout=60) if passed else None
            self.send_response(answer.status_code if answer else 403)
            for name in ("X-Robots-Tag", "Content-Type"):
                if answer and name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.content if answer else b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_link_leads_through_the_proxy_to_her_page_and_to_nothing_else(tmp_path):
    """The public address is in the link, the doctor's probe agrees, and what is not hers stays on this machine."""
    team = crew(tmp_path)
    team.join("ada")
    with pages(team) as inside, proxy(inside) as outside:
        place = configure(team.place, "server", public_url=outside + "/")
        link = page_of(place, "ada")
        assert link.startswith(outside + "/me/ada/")
        assert "Ada" in httpx.get(link, timeout=60).text
        assert httpx.get(link[:-1] + ("A" if link[-1] != "A" else "B"), timeout=60).status_code == 404
        assert httpx.get(outside + "/private").status_code == 403
        assert check_pages(outside) == f"own pages at {outside}"
        with pytest.raises(OutsideServiceError, match="Something else"):
            check_pages(outside + "/elsewhere")
        assert place.settings.media_url == place.settings.console_url == outside
        assert configure(place, "console", public_url="https://console.test").settings.console_url == (
            "https://console.test"
        )
    with pytest.raises(OutsideServiceError, match="do not answer"):
        check_pages(outside)


def test_an_address_that_is_none_is_refused(tmp_path):
    """A path would break the links, another scheme could run something."""
    team = crew(tmp_path)
    for wrong in ("own.example.org", "https://example.org/pages", "javascript:alert(1)"):
        with pytest.raises(SettingsError):
            configure(team.place, "server", public_url=wrong)
        configure_back(team.place)


def configure_back(place):
    import yaml

    path = place.root / "labelwright.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["server"].pop("public_url")
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    open_workspace(place.root)
