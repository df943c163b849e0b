"""Files of tenants in the object store: written in parts by background work, handed out by links that expire.

Everything of a tenant stands below its id. A function that uses this says so (``files=True``), and is given the bucket
and the rights to it.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

PART = 8 * 1024 * 1024
"""Bytes of a part of a file that is written in parts; the store takes none below 5 MiB but the last."""

LINK_SECONDS = 15 * 60
"""How long a link opens a file."""

_PIECE = 1024 * 1024


class UploadLost(Exception):
    """The store knows nothing of a file that was being written; it has to be written from its beginning."""


def key_of(tenant_id: UUID, *names: str) -> str:
    """Where a file of a tenant stands."""
    return "/".join((str(tenant_id), *names))


def put(key: str, data: bytes, media_type: str) -> None:
    """Store a whole file, in the place of one that is there."""
    _s3().put_object(Bucket=_bucket(), Key=key, Body=data, ContentType=media_type)


def begin(key: str, media_type: str) -> str:
    """Begin a file that comes in parts; answers what its parts are put under."""
    return str(_s3().create_multipart_upload(Bucket=_bucket(), Key=key, ContentType=media_type)["UploadId"])


def put_part(key: str, upload: str, number: int, data: bytes) -> str:
    """Store a part, counted from 1, in the place of one of that number; answers its mark. Raises UploadLost."""
    from botocore.exceptions import ClientError

    try:
        stored = _s3().upload_part(Bucket=_bucket(), Key=key, UploadId=upload, PartNumber=number, Body=data)
    except ClientError as error:
        raise _lost(error) from error
    return str(stored["ETag"])


def finish(key: str, upload: str, marks: Sequence[str], size: int) -> None:
    """Make a file of its parts; of one that is made already, with that many bytes, nothing more. Raises UploadLost."""
    from botocore.exceptions import ClientError

    parts = [{"PartNumber": number, "ETag": mark} for number, mark in enumerate(marks, 1)]
    try:
        _s3().complete_multipart_upload(Bucket=_bucket(), Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    except ClientError as error:
        if _size(key) != size:
            raise _lost(error) from error


def digest(key: str) -> tuple[str, int]:
    """The SHA-256 of a stored file, in hex, and its bytes, read back from the store a piece at a time."""
    found, size = hashlib.sha256(), 0
    body = _s3().get_object(Bucket=_bucket(), Key=key)["Body"]
    for piece in body.iter_chunks(_PIECE):
        found.update(piece)
        size += len(piece)
    return found.hexdigest(), size


def link(key: str, name: str) -> str:
    """A link by which anyone fetches the file under a name, for ``LINK_SECONDS``."""
    wanted = {"Bucket": _bucket(), "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
    return str(_s3().generate_presigned_url("get_object", Params=wanted, ExpiresIn=LINK_SECONDS))


def _size(key: str) -> int | None:
    from botocore.exceptions import ClientError

    try:
        return int(_s3().head_object(Bucket=_bucket(), Key=key)["ContentLength"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return None


def _lost(error: Any) -> Exception:
    """UploadLost for an upload that is not there; the error itself for what else went wrong."""
    return UploadLost(str(error)) if error.response["Error"]["Code"] == "NoSuchUpload" else error


def _bucket() -> str:
    return os.environ["FILES_BUCKET"]


@lru_cache(maxsize=1)
def _s3() -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 4},
        signature_version="s3v4",
    )
    return boto3.client("s3", config=patience)
