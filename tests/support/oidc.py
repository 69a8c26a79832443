"""A real OpenID Connect provider on a loopback port: authlib's authorization server, with PKCE and nonce required."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "labelwright", "a secret of the client"


@dataclass
class Provider:
    """What tests turn: who signs in, what is wrong with what the provider says, and what it was asked."""

    issuer: str = ""
    redirect_uri: str = ""
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "name": "Olga Single"})
    audience: str = CLIENT
    nonce: str | None = None
    expires_in: int = 300
    forge: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256"}))
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)


@dataclass
class Client(ClientMixin):
    """Labelwright, as it is registered."""

    provider: Provider
    client_id: str = CLIENT

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.provider.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.provider.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method == "client_secret_post"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code, good for one exchange."""

    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


def _grant(provider: Provider) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            provider.codes[code] = Code(
                request.payload.redirect_uri,
                request.payload.scope,
                provider.nonce or data.get("nonce"),
                data.get("code_challenge", ""),
                data.get("code_challenge_method", ""),
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:  # noqa: ARG002
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.codes = {k: c for k, c in provider.codes.items() if c is not authorization_code}

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:  # noqa: ARG002
            return provider.user

    return Grant


def _open_id(provider: Provider) -> OpenIDCode:
    class OpenId(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002
            return any(c.nonce == nonce for c in provider.codes.values())

        def get_client_claims(self, client: Client) -> dict[str, Any]:  # noqa: ARG002
            now = int(time.time())
            return {"iss": provider.issuer, "aud": [provider.audience], "iat": now, "exp": now + provider.expires_in}

        def get_compatible_claims(self, request: Any) -> dict[str, Any]:
            return self.get_client_claims(request.client)

        def get_client_algorithm(self, client: Client) -> str:  # noqa: ARG002
            return "RS256"

        def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
            return {"alg": "RS256", "kid": "k1"}

        def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002
            return provider.other if provider.forge else provider.key

        def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:  # noqa: ARG002
            return UserInfo(**user)

    return OpenId(require_nonce=True)


def _app(provider: Provider) -> flask.Flask:
    app = flask.Flask("provider")
    client = Client(provider)
    server = AuthorizationServer(app, lambda name: client if name == CLIENT else None, lambda _token, _request: None)
    server.register_grant(_grant(provider), [_open_id(provider), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        base = provider.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }

    @app.get("/jwks")
    def jwks() -> flask.Response:
        return flask.Response(json.dumps({"keys": [provider.key.as_dict(private=False)]}), mimetype="application/json")

    @app.get("/authorize")
    def authorize() -> Any:
        provider.asked.append(dict(flask.request.args))
        grant = server.get_consent_grant(end_user=provider.user)
        return server.create_authorization_response(grant_user=provider.user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        provider.asked.append(dict(flask.request.form))
        return server.create_token_response()

    return app


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """The provider, while it runs."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(timeout=10)
