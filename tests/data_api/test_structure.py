"""What has to hold in the code so that both drivers behave alike."""

import re
import subprocess
import sys

import psycopg

from tests.support.database import plain_url


def test_every_constraint_that_a_function_raises_stands_in_its_message(owner_url: str) -> None:
    """The Data API tells the message of an error, not the field that names the constraint."""
    with psycopg.connect(plain_url()) as connection:
        rows = connection.execute(
            r"SELECT oid::regprocedure::text, prosrc FROM pg_proc WHERE prosrc ~* 'constraint\s*='"
        ).fetchall()
    raised = [
        (function, name, f'constraint "{name}": ' in raising)
        for function, source in rows
        for raising in source.split("RAISE EXCEPTION")[1:]
        for name in re.findall(r"CONSTRAINT\s*=\s*'(\w+)'", raising.partition(";")[0])
    ]
    assert {name for _, name, _ in raised} >= {"entry_balanced", "period_open", "document_version"}
    assert [(function, name) for function, name, told in raised if not told] == []


def test_with_psycopg_nothing_of_the_data_api_is_imported() -> None:
    """Its client takes half a second of a cold start."""
    code = (
        "import os, sys\n"
        "os.environ['DATABASE_URL'] = 'postgresql://nobody@127.0.0.1:9/nothing'\n"
        "from bigledger.kernel.database import engine\n"
        "engine()\n"
        "print(sorted(set(sys.modules) & {'boto3', 'aurora_data_api', 'bigledger.kernel.data_api'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
