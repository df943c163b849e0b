"""An object store in this process, with parts as small as a test wants them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from bigledger.kernel import files

BUCKET = "bigledger-files"


class Store:
    """The bucket that files are put in."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3", region_name="us-east-1")
        self.s3.create_bucket(Bucket=BUCKET)

    def names(self, below: str = "") -> list[str]:
        """The keys of all files below a folder, without it."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=below)
        return [one["Key"].removeprefix(below) for page in pages for one in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """A file."""
        body: Any = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"]
        return bytes(body.read())


@contextmanager
def store_in_process(part: int | None = None) -> Iterator[Store]:
    """A store, empty at first; ``part`` bytes make a part of a file that is written in parts."""
    with (
        mock_aws(),
        patch.dict(os.environ, {"FILES_BUCKET": BUCKET, "AWS_DEFAULT_REGION": "us-east-1"}),
        patch("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1),
        patch.object(files, "PART", part or files.PART),
    ):
        files._s3.cache_clear()
        yield Store()
    files._s3.cache_clear()
