"""How the Data API finds parameters in a statement."""

import pytest

from devtools.local.rds_data_sql import numbered


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("SELECT :a", "SELECT $1", ["a"]),
        ("SELECT :a, :b, :a", "SELECT $1, $2, $3", ["a", "b", "a"]),
        ("SELECT :a::uuid", "SELECT $1::uuid", ["a"]),
        ("SELECT '12:30'::time", "SELECT '12:30'::time", []),
        ("SELECT ':a', :a", "SELECT ':a', $1", ["a"]),
        ("SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1", ["b"]),
        (r"SELECT E'it\'s :a', :b", r"SELECT E'it\'s :a', $1", ["b"]),
        (r"SELECT 'back\', :b", r"SELECT 'back\', $1", ["b"]),
        ('SELECT ":a" FROM t', 'SELECT ":a" FROM t', []),
        ("SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, $1", ["b"]),
        ("SELECT 1 /* :a /* :b */ :c */, :d", "SELECT 1 /* :a /* :b */ :c */, $1", ["d"]),
        ("SELECT 1 /* :a", "SELECT 1 /* :a", []),
        ("SELECT a[1:2]", "SELECT a[1$1]", ["2"]),
        ("SELECT $$a :b c$$", "SELECT $$a $1 c$$", ["b"]),
        ("SELECT :größe, :a_1", "SELECT $1, $2", ["größe", "a_1"]),
        ("SELECT b'1' || :a", "SELECT b'1' || $1", ["a"]),
    ],
)
def test_a_name_after_a_colon_is_a_parameter(sql: str, text: str, names: list[str]) -> None:
    """Each occurrence is one of its own; strings, identifiers and comments are left alone, dollar quotes are not."""
    assert numbered(sql) == (text, tuple(names))
