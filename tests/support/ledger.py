"""A company's books kept by hand: journal entries, periods and years, in short."""

from typing import Any

from tests.support.api import Api


def debit(account: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A line on the debit side."""
    return {"account": account, "debit": amount, **fields}


def credit(account: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A line on the credit side."""
    return {"account": account, "credit": amount, **fields}


class Books:
    """A tenant's ledger, with short ways to write in it and to read it."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def key(self) -> dict[str, str]:
        """A key of its own for the next request."""
        return {"Idempotency-Key": f"request-{self.api.requests}"}

    def enter(self, *lines: dict[str, Any], status: int = 201, **fields: Any) -> Any:
        """Write an entry, posted unless said otherwise."""
        body = {"lines": list(lines), "post": True, **fields}
        return self.api.call("create_journal_entry", body, headers=self.key()).expect(status).json

    def rent(self, amount: str = "1200.00", **fields: Any) -> Any:
        """Pay the rent from the bank."""
        return self.enter(debit("6120", amount), credit("1020", amount), **fields)

    def act(self, operation: str, entry: Any, status: int = 200, **body: Any) -> Any:
        """A transition of an entry."""
        return self.api.call(operation, body, path={"id": entry["id"]}, headers=self.key()).expect(status).json

    def get(self, entry: Any) -> Any:
        """Read an entry again."""
        return self.api.call("get_journal_entry", path={"id": entry["id"]}).expect(200).json

    def period(self, operation: str, number: int, status: int = 200, year: str = "FY2026", **body: Any) -> Any:
        """Close, reopen or lock a period."""
        return self.api.call(operation, body, path={"id": f"{year}-{number}"}).expect(status).json

    def year(self, year: int) -> None:
        """Open a fiscal year of calendar months."""
        self.api.record(
            "fiscal-years", code=f"FY{year}", company="MAIN", starts_on=f"{year}-01-01", ends_on=f"{year}-12-31"
        )

    def balances(self, **query: str) -> dict[str, str]:
        """Balance by account code, debit positive; it is checked to be balanced."""
        answer = self.api.call("get_trial_balance", query=query).expect(200).json
        assert answer["total_debit"] == answer["total_credit"]
        return {row["account"]["code"]: row["balance"] for row in answer["rows"]}

    def dimension(self, code: str, *values: str, **fields: Any) -> None:
        """A dimension with values."""
        self.api.record("dimensions", code=code, name=code.title())
        for value in values:
            self.api.record("dimension-values", code=value, name=value.title(), dimension=code, **fields)

    def change(self, resource: str, code: str, **fields: Any) -> Any:
        """Change a record as it stands now."""
        path = {"resource": resource, "id": code}
        version = self.api.call("get_record", path=path).expect(200)["version"]
        headers = {"If-Match": f'"{version}"'}
        return self.api.call("update_record", fields, path=path, headers=headers).expect(200).json
