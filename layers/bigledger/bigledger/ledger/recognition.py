"""Recognising deferrals: each instalment of each schedule once, in their order, by entries of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    Problem,
    Ref,
    Table,
    database,
    documents,
)
from bigledger.kernel.documents import AS_JSON, from_json
from bigledger.kernel.money import nothing
from bigledger.ledger.deferral_model import (
    DeferralData,
    DeferralInstalment,
    DeferralRun,
    Recognition,
    RefusedRecognition,
    RunDeferrals,
)
from bigledger.ledger.deferrals import TYPE, tell_schedule
from bigledger.ledger.events import DeferralRecognised, JournalEntryCreated
from bigledger.ledger.journal import issue, tell, written
from bigledger.ledger.journal_lines import Drafted, work_out
from bigledger.ledger.journal_model import NewLine
from bigledger.ledger.posting import planned_day
from bigledger.records import Company, company_of

RECOGNISED_PER_TRANSACTION = 200
"""The most instalments that one run recognises; the next one goes on from there."""

_READ_PER_RUN = 1000

_RECOGNITION = Table(
    "ledger.deferral_recognition",
    ("schedule_id", "number", "document_id", "company_id", "effective_date", "amount"),
)


class RecognisedMeanwhile(Conflict):
    """Another request recognised the instalment, or it is not what the schedule plans."""

    title = "The instalment was recognised just now"


for _name in ("deferral_recognised_once", "recognised_as_planned"):
    database.constraint(_name, lambda: RecognisedMeanwhile("Another request recognised it just now. Run it again."))


_DUE = f"""
    SELECT coalesce(jsonb_agg(found.one ORDER BY found.due_date, found.id), '[]')::text
    FROM (SELECT d.due_date, d.id, jsonb_build_object('document', {AS_JSON}, 'recognised', (
                     SELECT count(*) FROM ledger.deferral_recognition r WHERE r.schedule_id = d.id)) AS one
          FROM kernel.document d
          WHERE d.type = '{TYPE}' AND d.status = 'active' AND d.due_date <= cast(:until AS date)
            AND (:company = '' OR d.company_id = cast(nullif(:company, '') AS uuid))
          ORDER BY d.due_date, d.id LIMIT {_READ_PER_RUN}) found
"""


def run(command: RunDeferrals, context: Context) -> DeferralRun:
    """Recognise what is due; what cannot be posted is told and does not keep the others waiting."""
    company = company_of(context, command.company) if command.company else None
    until = command.until or context.clock.today(company.data.timezone if company else "UTC")
    found = context.work.read_json(_DUE, until=str(until), company=str(company.id) if company else "")
    done: list[Recognition] = []
    refused: list[RefusedRecognition] = []
    for one in found:
        document = from_json(one["document"])
        data = document.read(DeferralData)
        for instalment in data.instalments[one["recognised"] :]:
            if instalment.date > until:
                break
            if len(done) == RECOGNISED_PER_TRANSACTION:
                return DeferralRun(until=until, recognised=done, refused=refused, more=True)
            schedule = Ref(id=document.id, code=str(document.number))
            try:
                worked = _worked(context, document, data, instalment, command.on_closed_period == "next_open")
            except Problem as problem:  # told in the answer: nothing was staged
                told = RefusedRecognition(
                    schedule=schedule,
                    instalment=instalment.number,
                    date=instalment.date,
                    code=problem.code(),
                    detail=problem.detail,
                )
                refused.append(told)
                break  # the later ones follow in their order
            done.append(_recognise(context, document, data, instalment, *worked))
    return DeferralRun(until=until, recognised=done, refused=refused, more=len(found) == _READ_PER_RUN and bool(done))


def run_all_due(context: Context) -> int:
    """Recognise for a schedule of the clock; answers how many instalments."""
    return len(run(RunDeferrals(), context).recognised)


def _worked(
    context: Context, document: Document, data: DeferralData, instalment: DeferralInstalment, move: bool
) -> tuple[Entry[Company], Drafted]:
    """The entry that recognises an instalment; nothing is staged."""
    company = company_of(context, str(data.company.id))
    on = planned_day(context, company, instalment.date, move)
    sides = ("debit", "credit") if data.kind == "revenue" else ("credit", "debit")
    lines: Sequence[Mapping[str, Any]] = (
        {"account": str(data.deferral_account.id), sides[0]: instalment.amount},
        {"account": str(data.account.id), sides[1]: instalment.amount, "dimensions": data.dimensions},
    )
    text = data.text or f"Deferral {document.number}, {instalment.number} of {len(data.instalments)}"
    commands = [NewLine.model_validate(line) for line in lines]
    drafted = work_out(context, company, on, commands, "deferral", text, str(document.number))
    told = {"requested_date": instalment.date} if on != instalment.date else {}
    waits, result = drafted.lines
    result = result._replace(party_id=document.party_id, product_id=data.product.id if data.product else None)
    return company, Drafted(drafted.data.model_copy(update=told), [waits, result])


def _recognise(
    context: Context,
    document: Document,
    data: DeferralData,
    instalment: DeferralInstalment,
    company: Entry[Company],
    drafted: Drafted,
) -> Recognition:
    """Stage the entry of an instalment, and what the schedule is from then on."""
    entry = written(context, company, drafted)
    tell(context, JournalEntryCreated, entry)
    issue(context, company, entry, drafted)
    row = {"schedule_id": document.id, "number": instalment.number, "document_id": entry.id, "company_id": company.id}
    context.work.append(_RECOGNITION, [row | {"effective_date": drafted.data.date, "amount": instalment.amount}])
    context.work.link(document.id, entry.id, "recognition")
    later = data.instalments[instalment.number :]
    documents.change(
        context,
        document,
        status="active" if later else "completed",
        due_date=later[0].date if later else document.due_date,
    )
    answered = Ref(id=entry.id, code=str(entry.number))
    tell_schedule(
        context,
        DeferralRecognised,
        document,
        data,
        instalment=instalment.number,
        date=drafted.data.date,
        recognised=instalment.amount,
        remaining=sum((one.amount for one in later), nothing(data.currency)),
        entry=answered,
    )
    return Recognition(
        schedule=Ref(id=document.id, code=str(document.number)),
        instalment=instalment.number,
        date=drafted.data.date,
        amount=instalment.amount,
        entry=answered,
    )
