"""What stands in a PDF, read without a reader: enough to hold pages against what they should say."""

import base64
import re
import zlib


def streams(data: bytes) -> str:
    """The streams of a PDF, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    packed = [base64.a85decode(b"<~" + each.strip(), adobe=True) if b"~>" in each else each for each in found]
    return "\n".join(zlib.decompress(each).decode("latin-1") for each in packed)


def words(data: bytes) -> str:
    """The texts of its pages in the fonts every reader has, each on a line of its own."""
    shown = re.findall(r"\(((?:[^()\\]|\\.)*)\) Tj", streams(data))
    return "\n".join(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text).replace("\\", "") for text in shown)
