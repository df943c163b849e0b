"""A firm with suppliers that have bank accounts, and a colleague who approves."""

from typing import Any

from tests.support.purchases import Purchases

BOSS = "boss"


class Runs(Purchases):
    """What a payment run needs: 1021 is the firm's account at a bank, SUPP001 and SUPP003 have accounts."""

    def __init__(self, buyer: Purchases) -> None:
        self.api = buyer.api
        self.boss = self.api.as_(BOSS, "payables.*")
        bank = {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
        self.api.record(
            "accounts", code="1021", name="Main bank", kind="asset", control="bank", parent="10", bank_account=bank
        )
        iban = {"bank_account": {"iban": "GB29NWBK60161331926819"}}
        path = {"resource": "suppliers", "id": "SUPP001"}
        self.api.call("update_record", iban, path=path, headers={"If-Match": '"1"'}).expect(200)
        other = {"account_number": "0012345678", "bic": "NWBKGB2LXXX", "holder": "Ink & Söhne <Factoring>"}
        self.api.record("suppliers", code="SUPP003", name="Ink & Sons", jurisdiction="GB", bank_account=other)

    def propose(self, status: int = 201, **body: Any) -> Any:
        """Propose a run of what is due by the end of the year."""
        return self.make("create_payment_run", status, **{"due_until": "2026-12-31", "account": "1021"} | body)

    def approve(self, run: Any, status: int = 200) -> Any:
        """Let the colleague approve."""
        key = {"Idempotency-Key": f"approve-{run['id']}"}
        return self.boss.call("approve_payment_run", path={"id": run["id"]}, headers=key).expect(status).json

    def file(self, run: Any, status: int = 200) -> Any:
        """Take the file for the bank."""
        return self.api.call("get_payment_run_file", path={"id": run["id"]}).expect(status).json
