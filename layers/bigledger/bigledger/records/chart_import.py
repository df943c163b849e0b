"""Bringing accounts in: a chart that BigLedger knows, or one's own, all at once."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Answer, Command, Context, FieldError, InvalidRequest, Ref, configuration
from bigledger.records.accounts import Account
from bigledger.records.bulk import create_all, prepared
from bigledger.records.charts import general_chart
from bigledger.records.registry import RESOURCES

MAXIMUM_ACCOUNTS = 2000
"""The most accounts of one request."""


class ImportChart(Command):
    """The accounts to bring in: those of a ``template``, or ``accounts`` given one by one, groups among them.

    Accounts whose code is there already stay as they are when they are of the template; given ones are refused.
    """

    template: Literal["general"] | None = None
    accounts: Annotated[list[Account], Field(min_length=1, max_length=MAXIMUM_ACCOUNTS)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "ImportChart":
        if (self.template is None) == (self.accounts is None):
            raise PydanticCustomError("template_or_accounts", "give either a template or accounts")
        codes = [account.code for account in self.accounts or []]
        if len(set(codes)) < len(codes):
            raise PydanticCustomError("given_twice", "each account has a code of its own")
        return self


class ImportedChart(Answer):
    """What was brought in. ``kept`` are the codes that were there before."""

    created: list[Ref]
    kept: list[str]


def import_accounts(command: ImportChart, context: Context) -> ImportedChart:
    """Create every account that is not there, all or none. Raises InvalidRequest with a pointer to each fault."""
    there = {entry.code for entry in configuration(context).every(Account)}
    wanted = command.accounts if command.accounts is not None else general_chart()
    new = [account for account in wanted if command.accounts is not None or account.code not in there]
    data, found = prepared(context, RESOURCES["accounts"], new)
    if found:
        prefix = "/accounts" if command.accounts is not None else "/template"
        errors = [
            FieldError(f"{prefix}/{index}{error['pointer']}", error["code"], error["message"]) for index, error in found
        ]
        raise InvalidRequest("Some accounts do not fit; nothing was created.", errors=errors)
    made = create_all(context, RESOURCES["accounts"], data)
    return ImportedChart(
        created=[Ref(id=id, code=one["code"], name=one["name"]) for id, one in zip(made, data, strict=True)],
        kept=sorted(account.code for account in wanted if account.code in there),
    )
