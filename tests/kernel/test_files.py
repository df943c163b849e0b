"""An answer may be sent as a file: the gateway gets it in base64, with its name."""

import base64

from bigledger.kernel import Answer, Command, Content, Context, operation
from tests.support.api import Api


class Wanted(Command):
    """Whether the file is wanted."""

    file: bool = False


class Told(Answer):
    """A text that may come as a file."""

    text: str
    file: bool

    def as_file(self) -> Content | None:
        return Content("text/plain", self.text.encode("latin-1"), "told.txt") if self.file else None


@operation("GET /api/v1/told")
def get_told(query: Wanted, context: Context) -> Told:
    """Tell something."""
    return Told(text="é", file=query.file)


def test_a_file_is_sent_instead_of_json(api: Api) -> None:
    answer = get_told(api.event(get_told, query={"file": "true"}), None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert base64.b64decode(answer["body"]) == b"\xe9"
    assert answer["headers"]["Content-Type"] == "text/plain"
    assert answer["headers"]["Content-Disposition"] == 'attachment; filename="told.txt"'
    assert answer["headers"]["X-Request-Id"]


def test_without_one_it_is_json(api: Api) -> None:
    answer = api.call(get_told).expect(200)
    assert (answer.json, answer.headers["Content-Type"]) == ({"text": "é", "file": False}, "application/json")
