"""Tax returns: prepared for a period, superseded while they are not filed, and final once they are.

A filed return is neither voided nor reopened: its figures are what the authority was told. What comes later for its
days, a late invoice or the void of an early one, stands in the next return as late, as the common practice of
correcting small errors in the next return has it. A return that is only prepared is a proposal: preparing it again
supersedes it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    Page,
    Ref,
    Table,
    configuration,
    database,
    documents,
    listing,
)
from bigledger.kernel.documents import from_json
from bigledger.kernel.money import nothing
from bigledger.ledger import (
    DatedTooEarly,
    JournalEntry,
    JournalLine,
    account_for,
    post,
    read_entries,
    shown_entries,
)
from bigledger.records import (
    Account,
    Company,
    Tax,
    company_of,
    number_for,
)
from bigledger.tax import return_queries as queries
from bigledger.tax.boxes import figures, mapping_of
from bigledger.tax.return_model import (
    FileTaxReturn,
    NewTaxReturn,
    TaxFigures,
    TaxReturn,
    TaxReturnData,
    TaxReturnFact,
    TaxReturnFiled,
    TaxReturnLinks,
    TaxReturnList,
    TaxReturnPrepared,
    TaxReturnReference,
    TaxReturnSummary,
    TaxReturnSuperseded,
    TiedAccount,
)
from bigledger.tax.return_periods import FiledReturn, lock_for_tax, periods_of, wholly_filed

TYPE = "tax_return"

_MEMBER = Table("tax.return_entry", ("return_id", "document_id", "entry"))
_FILED = Table("tax.filed_return", ("return_id", "company_id", "scope", "starts_on", "ends_on"))


class DaysFiled(Conflict):
    """A return of some of these days is filed; what came since stands in the next one."""

    title = "The return is filed"


class ReturnOutdated(Conflict):
    """Since the return was prepared, something was posted that belongs to it."""

    title = "The return is out of date"


database.constraint("tax_returns_apart", lambda: DaysFiled("A return of these days was filed in the meantime."))
database.constraint("tax_scope_open", lambda: DaysFiled("A return was filed in the meantime for the settlement's day."))
database.constraint("tax_entry_filed_once", lambda: ReturnOutdated("Another return took some of these entries in."))


def prepare(new: NewTaxReturn, context: Context) -> TaxReturn:
    """Work out the return of a period; one of these days that is only prepared is superseded.

    Raises InvalidRequest for days that are not whole accounting periods, DaysFiled.
    """
    company = company_of(context, new.company)
    periods_of(context, company, new.starts_on, new.ends_on)
    taxes = [entry.data for entry in configuration(context).every(Tax)]
    mapping = mapping_of(taxes, new.scope)
    codes = [one.tax for one in mapping]
    found = queries.to_prepare(
        context, str(company.id), new.scope, new.starts_on, new.ends_on, codes, _accounts(context, taxes, codes)
    )
    if found["filed"]:
        raise DaysFiled(
            f"{found['filed']['number']} has these days. What was posted for them since stands in the next return.",
            errors=[FieldError("/starts_on", "days_filed", "choose days after those of the filed return")],
        )
    currency = company.data.currency
    told = [_figures(row, currency) for row in found["taxes"] or []]
    output, input_ = (sum((getattr(one, name) for one in told), nothing(currency)) for name in ("output", "input"))
    entries = found["entries"] or []
    data = TaxReturnData(
        company=company.ref,
        scope=new.scope,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        currency=currency,
        boxes=figures(mapping, told, currency),
        taxes=told,
        accounts=_tied(found["accounts"] or [], currency),
        output=output,
        input=input_,
        payable=output - input_,
        documents=len({document for document, _, _ in entries}),
        late_documents=len({document for document, _, late in entries if late}),
        mapping=mapping,
    )
    document = documents.create(
        context,
        Document(
            id=context.new_id(),
            type=TYPE,
            status="prepared",
            data=data,
            company_id=company.id,
            date=new.ends_on,
            currency=currency,
            total=data.payable,
        ),
    )
    context.work.append(
        _MEMBER,
        [{"return_id": document.id, "document_id": member, "entry": entry} for member, entry, _ in entries],
    )
    for row in found["prepared"] or []:
        earlier = documents.change(context, from_json(row), status="superseded")
        _tell(context, TaxReturnSuperseded, earlier, earlier.read(TaxReturnData), superseded_by=document.id)
    _tell(context, TaxReturnPrepared, document, data)
    return _answer(context, document, data, [], [])


def file(command: FileTaxReturn, context: Context) -> TaxReturn:
    """File a prepared return: number it, post what is owed or due, and lock its days for the taxes of its scope.

    The tax area of an accounting period is locked with the last of its scopes. Raises Conflict, ReturnOutdated,
    DatedTooEarly, DaysFiled where another return of the scope has the settlement's day, PeriodClosed where that takes
    no tax postings.
    """
    found = queries.stored(context, command.id, members=True)
    document = from_json(found["document"])
    documents.check_version(context, document)
    documents.check_status(document, ("prepared",), "filed")
    data = document.read(TaxReturnData)
    company = company_of(context, str(data.company.id))
    on = command.date or data.ends_on
    if on < data.ends_on:
        raise DatedTooEarly(
            f"The return lasts until {data.ends_on}, and its settlement on {on} would come before that.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.ends_on} or a later day")],
        )
    accounts = [str(one.account.id) for one in data.accounts]
    codes = [one.tax for one in data.mapping]
    now = queries.as_of_now(context, str(company.id), data.scope, data.starts_on, data.ends_on, codes, accounts, on)
    filed = [FiledReturn.model_validate(row) for row in now["filed"] or []]
    if [row[:2] for row in now["entries"] or []] != (found["members"] or []):
        raise ReturnOutdated("Something was posted for this return since it was prepared. Prepare it again, then file.")
    _check_scope_open(filed, data.scope, on)
    lines = _settlement(context, company, data)
    data = data.model_copy(update={"filed_on": on})
    number = number_for(context, TYPE, company, on)
    documents.change(context, document, status="filed", data=data, number=number, posted_at=context.now)
    if lines:
        post(context, document, company, "tax", on, lines)
    context.work.append(
        _FILED,
        [
            {
                "return_id": document.id,
                "company_id": company.id,
                "scope": data.scope,
                "starts_on": data.starts_on,
                "ends_on": data.ends_on,
            }
        ],
    )
    whole = wholly_filed(context, periods_of(context, company, data.starts_on, data.ends_on), data.scope, filed)
    lock_for_tax(context, company, whole)
    _tell(context, TaxReturnFiled, document, data, filed_on=on)
    entries = [JournalEntry(1, on, lines)] if lines else []
    return _answer(context, document, data, entries, found["events"])


def _check_scope_open(filed: Sequence[FiledReturn], scope: str, on: dt.date) -> None:
    """Raise DaysFiled where a return of the scope has that day: its figures stay."""
    for one in filed:
        if one.scope == scope and one.starts_on <= on <= one.ends_on:
            raise DaysFiled(
                f"{one.number} has {on}, which is locked for the taxes of {scope}. Settle in days that are not filed.",
                errors=[FieldError("/date", "days_filed", f"choose a day after {one.ends_on}")],
            )


def get(reference: TaxReturnReference, context: Context) -> TaxReturn:
    """One tax return by id or number; one statement. Raises NotFound."""
    found = queries.stored(context, reference.id)
    document = from_json(found["document"])
    entries = read_entries(context, found["entries"])
    return _answer(context, document, document.read(TaxReturnData), entries, found["events"])


def list_all(query: TaxReturnList, context: Context) -> Page[TaxReturnSummary]:
    """A page of tax returns, newest first unless sorted."""
    found, following = listing.page(context, TYPE, query)
    return Page[TaxReturnSummary](data=[_summary(one.document) for one in found], next_cursor=following)


def _accounts(context: Context, taxes: Sequence[Tax], codes: Sequence[str]) -> list[str]:
    """The ids of the accounts that the taxes of a return are posted to."""
    known = configuration(context)
    named = {
        reference
        for tax in taxes
        if tax.code in codes
        for reference in (tax.account, tax.purchase_account)
        if reference is not None
    }
    found = (known.find(Account, reference) for reference in named)
    return [str(account.id) for account in found if account is not None]


def _figures(row: Mapping[str, Any], currency: str) -> TaxFigures:
    amounts = {name: Decimal(row[name]) + nothing(currency) for name in ("base", "output", "input", "cost")}
    return TaxFigures.model_validate({**row, **amounts})


def _tied(rows: Sequence[Mapping[str, Any]], currency: str) -> list[TiedAccount]:
    zero = nothing(currency)
    return [
        TiedAccount(
            account=Ref(id=row["id"], code=row["code"]),
            balance=Decimal(row["balance"]) + zero,
            returned=Decimal(row["returned"]) + zero,
            difference=Decimal(row["balance"]) - Decimal(row["returned"]) + zero,
        )
        for row in rows
    ]


def _settlement(context: Context, company: Entry[Company], data: TaxReturnData) -> list[JournalLine]:
    """Each tax account freed of what the return tells, against the account of what is owed to the authority."""
    known = configuration(context)
    text = f"Tax return from {data.starts_on} to {data.ends_on}"
    lines = [
        JournalLine(known.get(Account, str(one.account.id)), -one.returned, data.currency, text=text)
        for one in data.accounts
        if one.returned
    ]
    if not lines:
        return []
    account = account_for(context, "tax", company.data.accounts.tax_settlement, "/company")
    if data.payable:
        lines.append(JournalLine(account, -data.payable, data.currency, text=text))
    return lines


def _tell(context: Context, event: type[TaxReturnFact], document: Document, data: TaxReturnData, **facts: Any) -> None:
    told = {name: getattr(data, name) for name in TaxReturnFact.model_fields if hasattr(data, name)}
    context.emit(event(id=document.id, number=document.number, status=document.status, **told, **facts), document)


def _answer(
    context: Context,
    document: Document,
    data: TaxReturnData,
    entries: Sequence[JournalEntry],
    before: Sequence[str],
) -> TaxReturn:
    emitted = [event.type for event, subject in context.work.events if subject is document]
    return TaxReturn(
        **dict(data),
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        posting=shown_entries(entries),
        events=[*before, *emitted],
        links=TaxReturnLinks(
            self=f"/api/v1/tax-returns/{document.id}", history=f"/api/v1/documents/{document.id}/history"
        ),
    )


def _summary(document: Document) -> TaxReturnSummary:
    data = document.read(TaxReturnData)
    told = {name: getattr(data, name) for name in TaxReturnSummary.model_fields if hasattr(data, name)}
    return TaxReturnSummary(
        id=document.id, number=document.number, status=document.status, version=document.version, **told
    )
