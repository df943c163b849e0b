"""A customer's statement of account as it is handed over: what moved or what is open, and how to pay."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr

from bigledger.kernel import Content, Context, configuration
from bigledger.receivables import CustomerStatement, StatementQuery, statements
from bigledger.records import BankDetails, Company


class PrintStatement(StatementQuery):
    """Whose statement, as of when, and how it comes: as a page, or as what would stand on it."""

    format: Annotated[Literal["pdf", "json"], Field(description="A page to hand over, or its words and figures.")] = (
        "pdf"
    )


class StatementPage(CustomerStatement):
    """What stands on a statement of account."""

    pay_to: BankDetails | None = None
    other_formats = ("application/pdf",)
    _prepared: dt.datetime | None = PrivateAttr(default=None)

    def as_file(self) -> Content | None:
        """The page, unless its words and figures were asked for."""
        if self._prepared is None:
            return None
        from bigledger.reporting.printing.statement_file import statement_file

        name = f"statement-{self.customer.code}-{self.as_of}.pdf"
        return Content("application/pdf", statement_file(self, self._prepared), name)

    def formatted(self, format: Literal["pdf", "json"], now: dt.datetime) -> Self:
        """The same statement, to be answered in a format; a page tells when it was prepared."""
        self._prepared = now if format == "pdf" else None
        return self


def statement_page(command: PrintStatement, context: Context) -> StatementPage:
    """A customer's statement as a page; one statement of SQL. Raises NotFound and UnknownReference."""
    told = statements.statement(command, context)
    company = configuration(context).get(Company, str(told.company.id)).data
    return StatementPage(**dict(told), pay_to=company.bank_account).formatted(command.format, context.now)
