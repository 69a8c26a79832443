"""Media in S3-compatible object stores: looked up, read in ranges, and shown through links that the store signs.

Values of items are ``s3://bucket/key``. Who is asked and with which keys comes from the settings, or from where every
S3 client takes it (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL_S3``, profiles). Keys stand in no link and no message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from labelwright.model.errors import OutsideServiceError, UsageError

if TYPE_CHECKING:
    from s3fs import S3FileSystem

SCHEME = "s3://"
#: The longest that a store signs for.
SIGNED_SECONDS = 7 * 86_400
_BLOCK = 1 << 20
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class BucketObject:
    """One object: its address ``s3://…``, size in bytes and a tag that changes with its content."""

    url: str
    size: int
    etag: str


@dataclass(frozen=True)
class Buckets:
    """A store's door.

    Attributes:
        endpoint: address of the store; None for the one of the environment, or Amazon's.
        key: access key id; None for the one of the environment.
        secret: its secret.
        region: of the buckets.
    """

    endpoint: str | None = None
    key: str | None = None
    secret: str | None = field(default=None, repr=False)
    region: str | None = None

    @cached_property
    def _store(self) -> S3FileSystem:
        from s3fs import S3FileSystem  # noqa: PLC0415

        return S3FileSystem(
            key=self.key,
            secret=self.secret,
            endpoint_url=self.endpoint,
            client_kwargs={"region_name": self.region} if self.region else {},
            config_kwargs={"signature_version": "s3v4"},
            skip_instance_cache=True,
            use_listings_cache=False,
        )

    def look(self, url: str) -> BucketObject | None:
        """The object at that address; None where there is none.

        Raises:
            OutsideServiceError: the store does not answer, or refuses us.
        """
        try:
            found = self._store.info(url)
        except FileNotFoundError:
            return None
        except Exception as problem:
            raise _explained(problem, url) from problem
        return _object(found) if found.get("type") == "file" else None

    def objects(self, prefix: str) -> Iterator[BucketObject]:
        """Every object below a prefix, in the order of their keys."""
        try:
            found = self._store.find(prefix, detail=True)
        except FileNotFoundError:
            found = {}
        except Exception as problem:
            raise _explained(problem, prefix) from problem
        for key in sorted(found):
            yield _object(found[key])

    def read(self, url: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes ``start`` to ``end``, exclusive, in blocks: never more than one of them in memory."""
        for at in range(start, end, _BLOCK):
            try:
                yield self._store.cat_file(url, start=at, end=min(at + _BLOCK, end))
            except Exception as problem:
                raise _explained(problem, url) from problem

    def signed(self, url: str, seconds: int = SIGNED_SECONDS) -> str:
        """A link that opens the object for so long, for whoever has it."""
        return str(self._store.sign(url, expiration=seconds))

    def shows_to(self, url: str, origin: str) -> bool:
        """Whether a browser may read a signed link of this store from pages of that origin: it is tried."""
        try:
            with httpx.Client(timeout=_SECONDS, trust_env=False) as caller:
                answer = caller.get(self.signed(url, 60), headers={"Range": "bytes=0-0", "Origin": origin})
        except (httpx.HTTPError, OSError):
            return False
        allowed = answer.headers.get("access-control-allow-origin")
        return answer.status_code in (200, 206) and allowed in ("*", origin)


def is_bucket(value: Any) -> bool:
    """Whether a value names an object of a store."""
    return isinstance(value, str) and value.startswith(SCHEME)


def checked(url: str) -> str:
    """The address of an object or prefix.

    Raises:
        UsageError: it names no bucket.
    """
    bucket = url.removeprefix(SCHEME).split("/", 1)[0]
    if not is_bucket(url) or not bucket or any(c.isspace() for c in bucket):
        raise UsageError(f"{url} names no bucket", next_step="Write it as s3://BUCKET/PREFIX")
    return url


def _object(found: dict[str, Any]) -> BucketObject:
    return BucketObject(SCHEME + found["name"], int(found["size"] or 0), str(found.get("ETag") or "").strip('"'))


def _explained(problem: Exception, url: str) -> OutsideServiceError:
    """Botocore's messages name what failed, and no keys."""
    return OutsideServiceError(
        f"The object store cannot be read: {type(problem).__name__}: {problem}",
        where=url,
        next_step="Check media.endpoint and the keys (settings, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)",
    )
