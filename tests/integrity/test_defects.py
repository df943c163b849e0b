"""One defect per invariant, planted behind the back of every trigger: it is found, named exactly, and nothing else."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bigledger.integrity import CHECKS, Evidence
from tests.integrity.defects import planted
from tests.support.shop import Shop

NOBODY = "00000000-0000-0000-0000-00000000dead"


def of(type: str, number: str) -> str:
    """The id of a document, in SQL."""
    return f"(SELECT id FROM kernel.document WHERE type = '{type}' AND number = '{number}')"


FIRST, VOID, LAST_YEAR_END = (of("invoice", f"INV-2026-00000{n}") for n in (1, 2, 4))
PAYMENT = of("payment", "PAY-2026-000001")
RECEIPT = of("stock_receipt", "SR-2026-000001")
LAMP = of("product", "PROD001")
OTHER = of("customer", "CUST002")
ANSWERED = "(SELECT min(key) FROM kernel.idempotency WHERE starts_with(key, 'request '))"
RESERVED = f"(SELECT reservation_id FROM inventory.reservation WHERE document_id = {FIRST})"


@dataclass(frozen=True)
class Defect:
    """What to do behind the books' back, and what is found: (type and number, place, expected, found) of each."""

    plant: list[str]
    found: list[tuple[str, str, str | None, str | None]]
    replace: dict[str, str] = field(default_factory=dict)
    """Names that stand in what is found for ids, by the SQL that reads them."""


KEPT_ANEW = [
    "DELETE FROM ledger.balance",
    """
    INSERT INTO ledger.balance (tenant_id, company_id, account_id, day, currency, closing, dimensions,
                                debit, credit, base_debit, base_credit)
    SELECT tenant_id, company_id, account_id, effective_date, currency, area = 'closing', dimensions,
           sum(greatest(amount, 0)), sum(greatest(-amount, 0)),
           sum(greatest(base_amount, 0)), sum(greatest(-base_amount, 0))
    FROM ledger.journal_line GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    "DELETE FROM ledger.month_balance",
    """
    INSERT INTO ledger.month_balance (tenant_id, company_id, account_id, month, closing, dimensions,
                                      base_debit, base_credit)
    SELECT tenant_id, company_id, account_id, date_trunc('month', effective_date), area = 'closing', dimensions,
           sum(greatest(base_amount, 0)), sum(greatest(-base_amount, 0))
    FROM ledger.journal_line GROUP BY 1, 2, 3, 4, 5, 6
    """,
]
"""Balances that suit lines which were changed."""

DEFECTS: dict[str, Defect] = {
    "entries_balance": Defect(
        [
            f"UPDATE ledger.journal_line SET amount = amount - 1 WHERE document_id = {RECEIPT} AND amount < 0",
            f"UPDATE ledger.balance SET credit = credit + 1 WHERE account_id = {of('account', '2150')}",
        ],
        [("stock_receipt SR-2026-000001", "entry 1, USD", "0", "-1")],
    ),
    "entries_balance_in_base": Defect(
        [
            f"UPDATE ledger.journal_line SET base_amount = amount - 1 WHERE document_id = {RECEIPT} AND amount < 0",
            f"UPDATE ledger.balance SET base_credit = base_credit + 1 WHERE account_id = {of('account', '2150')}",
            f"UPDATE ledger.month_balance SET base_credit = base_credit + 1 WHERE account_id = {of('account', '2150')}",
        ],
        [("stock_receipt SR-2026-000001", "entry 1, base currency", "0", "-1")],
    ),
    "balances_equal_lines": Defect(
        [f"UPDATE ledger.balance SET debit = debit + 1 WHERE account_id = {of('account', '1020')}"],
        [
            (
                "account 1020",
                "2026-11-23, USD",
                "debit 902, credit 80, in base debit 902, credit 80",
                "debit 903, credit 80, in base debit 902, credit 80",
            )
        ],
    ),
    "months_equal_lines": Defect(
        [f"UPDATE ledger.month_balance SET base_debit = base_debit + 1 WHERE account_id = {of('account', '1020')}"],
        [("account 1020", "2026-11", "in base debit 902, credit 80", "in base debit 903, credit 80")],
    ),
    "lines_in_periods": Defect(
        [
            "DELETE FROM records.fiscal_period WHERE starts_on = '2026-12-01'",
            "UPDATE kernel.document SET data = data #- '{periods,11}' WHERE type = 'fiscal_year' AND number = 'FY2026'",
        ],
        [("invoice INV-2026-000004", "entry 1, 2026-12-31", "in a period", "in none")],
    ),
    "periods_equal_fiscal_years": Defect(
        ["UPDATE records.fiscal_period SET status = 'closed', closed_areas = '{gl}' WHERE starts_on = '2026-01-01'"],
        [
            (
                "fiscal_year FY2026",
                "period from 2026-01-01",
                "to 2026-01-31, open, closed for [], locked for []",
                'to 2026-01-31, closed, closed for ["gl"], locked for []',
            )
        ],
    ),
    "lines_on_suitable_accounts": Defect(
        ["UPDATE kernel.document SET data = data || '{\"group\": true}' WHERE type = 'account' AND number = '6340'"],
        [("payment PAY-2026-000002", "entry 1 line 2", "suitable", "the group account 6340")],
    ),
    "dimensions_of_lines_known": Defect(
        [
            f"""UPDATE ledger.journal_line SET dimensions = '{{"CENTRE": "LOST"}}' WHERE document_id = {RECEIPT}
                AND line = 1""",
            *KEPT_ANEW,
        ],
        [("stock_receipt SR-2026-000001", "entry 1 line 1, CENTRE", "LOST", None)],
    ),
    "postings_equal_invoices": Defect(
        [f"UPDATE ledger.journal_line SET tax = NULL WHERE document_id = {FIRST} AND tax = 'CITY'"],
        [
            (
                "invoice INV-2026-000001",
                "posting",
                "receivable 1287, revenue 1200, tax 87, on 2026-11-23 in USD",
                "receivable 1287, revenue 1215, tax 72, on 2026-11-23 in USD",
            )
        ],
    ),
    "postings_equal_payments": Defect(
        [f'UPDATE kernel.document SET data = data || \'{{"written_off": "2.00"}}\' WHERE id = {PAYMENT}'],
        [
            (
                "payment PAY-2026-000001",
                "posting",
                "received 287, written off 2, credited 289 USD, on 2026-11-23",
                "received 287, written off 0, credited 287 USD, on 2026-11-23",
            )
        ],
    ),
    "postings_equal_stock_receipts": Defect(
        [f"UPDATE kernel.document SET total = total - 1 WHERE id = {RECEIPT}"],
        [("stock_receipt SR-2026-000001", "posting", "7199 USD, on 2026-11-23", "7200 USD, on 2026-11-23")],
    ),
    "reversals_cancel_entries": Defect(
        [f"UPDATE ledger.journal_line SET tax = 'CITY' WHERE document_id = {VOID} AND entry = 2 AND tax = 'STATE'"],
        [
            ("invoice INV-2026-000002", "account 2200, CITY", "0", "72"),
            ("invoice INV-2026-000002", "account 2200, STATE", "0", "-72"),
        ],
    ),
    "revaluations_reversed_and_posted": Defect(
        ["UPDATE ledger.revaluation_line SET revalued = revalued + 1, difference = difference + 1"],
        [("revaluation REV-2026-000001", "entry 1", "11", "10")],
    ),
    "template_runs_equal_entries": Defect(
        ["UPDATE ledger.template_run SET reversal_id = NULL, due_date = '2026-10-30'"],
        [
            (
                "journal_entry JE-2026-000001",
                "run of POWER for 2026-10-30",
                "recurring of 2026-10-30",
                "recurring of 2026-10-31",
            )
        ],
    ),
    "allocation_runs_equal_entries": Defect(
        ["UPDATE ledger.allocation_run SET date_from = '2026-09-01', date_to = '2026-09-30'"],
        [("journal_entry JE-2026-000003", "run 1 of SALES", "allocation of 2026-09-30", "allocation of 2026-10-31")],
    ),
    "deferrals_recognised_as_planned": Defect(
        ["UPDATE ledger.deferral_recognition SET amount = 29"],
        [("deferral_schedule DEF-2026-000001", "instalment 1", "30", "29, posted 30")],
    ),
    "control_accounts_equal_open_items": Defect(
        [f"UPDATE ledger.journal_line SET party_id = {OTHER} WHERE document_id = {FIRST} AND party_id IS NOT NULL"],
        [
            (
                "invoice INV-2026-000001",
                "account 1200, 2026-11-23, party CUST001",
                "0 USD, 0 in base",
                "1287 USD, 1287 in base",
            ),
            (
                "invoice INV-2026-000001",
                "account 1200, 2026-11-23, party CUST002",
                "1287 USD, 1287 in base",
                "0 USD, 0 in base",
            ),
        ],
    ),
    "settled_equals_settlements": Defect(
        [f"UPDATE ledger.open_item_balance SET settled = settled - 1 WHERE document_id = {FIRST}"],
        [
            (
                "invoice INV-2026-000001",
                "instalment 1",
                "1287 USD due 2026-12-23, settled 287, open, in base 1287 settled 287, receivable of CUST001 with MAIN",
                "1287 USD due 2026-12-23, settled 286, open, in base 1287 settled 287, receivable of CUST001 with MAIN",
            )
        ],
        {"CUST001": of("customer", "CUST001"), "MAIN": of("company", "MAIN")},
    ),
    "settlements_within_open_items": Defect(
        [
            f"UPDATE {table} SET {column} = '2026-11-22' WHERE {key} = {PAYMENT}"
            for table, column, key in (
                ("ledger.settlement", "effective_date", "document_id"),
                ("ledger.journal_line", "effective_date", "document_id"),
                ("kernel.document", "date", "id"),
            )
        ]
        + KEPT_ANEW,
        [
            (
                "invoice INV-2026-000001",
                "instalment 1",
                "within 1287 from 2026-11-23",
                "287, 287 in base, from 2026-11-22",
            )
        ],
    ),
    "open_items_equal_documents": Defect(
        [
            f"UPDATE ledger.open_item SET due_date = '2026-12-24' WHERE document_id = {FIRST}",
            f"UPDATE ledger.open_item_balance SET due_date = '2026-12-24' WHERE document_id = {FIRST}",
        ],
        [("invoice INV-2026-000001", "open items", "2026-12-23 1287", "2026-12-24 1287")],
    ),
    "invoice_status_equals_outstanding": Defect(
        [f"UPDATE kernel.document SET status = 'paid' WHERE id = {FIRST}"],
        [("invoice INV-2026-000001", "status", "partially_paid", "paid")],
    ),
    "exposure_equals_entries": Defect(
        [f"UPDATE receivables.exposure SET amount = amount + 1 WHERE customer_id = {of('customer', 'CUST002')}"],
        [("customer CUST002", "credit used with MAIN", "75", "76")],
        {"MAIN": of("company", "MAIN")},
    ),
    "exposure_equals_what_is_owed": Defect(
        [
            f"UPDATE receivables.exposure SET amount = amount + 1 WHERE customer_id = {of('customer', 'CUST002')}",
            f"UPDATE receivables.exposure_entry SET amount = amount + 1 WHERE document_id = {LAST_YEAR_END}",
        ],
        [("customer CUST002", "credit used with MAIN", "75", "76")],
        {"MAIN": of("company", "MAIN")},
    ),
    "invoice_totals_equal_lines": Defect(
        [f"UPDATE kernel.document SET data = jsonb_set(data, '{{items,0,net}}', '\"1199.99\"') WHERE id = {FIRST}"],
        [
            (
                "invoice INV-2026-000001",
                "totals",
                "net 1199.99, tax 87, by tax 87, total 1286.99, in its data 1286.99, instalments 1286.99",
                "net 1200, tax 87, by tax 87, total 1287, in its data 1287, instalments 1287",
            )
        ],
    ),
    "credited_equals_credit_notes": Defect(
        ["UPDATE receivables.credited SET quantity = quantity + 1"],
        [("invoice INV-2026-000005", "line 1", "2 of 15", "3 of 15")],
    ),
    "supplier_items_equal_documents": Defect(
        [
            f"UPDATE ledger.open_item SET due_date = '2026-12-24' WHERE document_id = {of('bill', 'BILL-2026-000001')}",
            (
                "UPDATE ledger.open_item_balance SET due_date = '2026-12-24'"
                f" WHERE document_id = {of('bill', 'BILL-2026-000001')}"
            ),
        ],
        [("bill BILL-2026-000001", "open items", "2026-11-23 -106", "2026-12-24 -106")],
    ),
    "bill_status_equals_outstanding": Defect(
        [f"UPDATE kernel.document SET status = 'paid' WHERE id = {of('bill', 'BILL-2026-000001')}"],
        [("bill BILL-2026-000001", "status", "partially_paid", "paid")],
    ),
    "bill_totals_equal_lines": Defect(
        [
            (
                "UPDATE kernel.document SET data = jsonb_set(data, '{items,0,net}', '\"99.99\"')"
                f" WHERE id = {of('bill', 'BILL-2026-000001')}"
            )
        ],
        [
            (
                "bill BILL-2026-000001",
                "totals",
                (
                    "net 99.99, cost 99.99, not deductible 0, taxes 6, total 105.99, in its data 105.99,"
                    " instalments 105.99"
                ),
                "net 100, cost 100, not deductible 0, taxes 6, total 106, in its data 106, instalments 106",
            )
        ],
    ),
    "credited_equals_supplier_credits": Defect(
        ["UPDATE payables.credited SET quantity = quantity + 1"],
        [("bill BILL-2026-000002", "line 1", "2 of 10", "3 of 10")],
    ),
    "supplier_numbers_equal_documents": Defect(
        [f"UPDATE payables.supplier_number SET number = 'x' WHERE document_id = {of('bill', 'BILL-2026-000004')}"],
        [("bill BILL-2026-000004", "supplier's number", "bill s3 of SUPPLIER", "bill x of SUPPLIER")],
        {"SUPPLIER": of("supplier", "SUPP001")},
    ),
    "supplier_number_keys_equal_documents": Defect(
        [f"UPDATE payables.supplier_number_key SET key = 'x' WHERE document_id = {of('bill', 'BILL-2026-000004')}"],
        [("bill BILL-2026-000004", "spelling", "bill s 3 of SUPPLIER", "bill x of SUPPLIER")],
        {"SUPPLIER": of("supplier", "SUPP001")},
    ),
    "bills_in_runs_equal_payment_runs": Defect(
        [f"DELETE FROM payables.bill_in_run WHERE bill_id = {of('bill', 'BILL-2026-000004')}"],
        [("bill BILL-2026-000004", "held by a run", "RUN", None)],
        {"RUN": of("payment_run", "RUN-2026-000001")},
    ),
    "withholding_equals_documents": Defect(
        ["UPDATE payables.withholding_total SET charged = 20"],
        [("supplier SUPP001", "withheld from 2026-01-01", "0 of 37.74", "20 of 37.74")],
    ),
    "tax_entries_equal_postings": Defect(
        [
            (
                f"UPDATE tax.tax_entry SET output_account_id = {of('account', '2210')}"
                f" WHERE document_id = {FIRST} AND tax = 'STATE'"
            )
        ],
        [
            ("invoice INV-2026-000001", "entry 1, account 2200", "-87", "-15"),
            ("invoice INV-2026-000001", "entry 1, account 2210", "0", "-72"),
        ],
    ),
    "tax_returns_equal_entries": Defect(
        ["UPDATE kernel.document SET data = jsonb_set(data, '{output}', '\"1.00\"') WHERE type = 'tax_return'"],
        [("tax_return None", "figures", "output 1, input 16.8", "output 511.13, input 16.8")],
    ),
    "stock_equals_moves": Defect(
        [f"UPDATE inventory.stock SET on_hand = on_hand + 1 WHERE product_id = {LAMP}"],
        [("product PROD001", "location MAIN", "105 worth 6300", "106 worth 6300")],
    ),
    "reserved_equals_reservations": Defect(
        [f"UPDATE inventory.stock SET reserved = reserved + 1 WHERE product_id = {LAMP}"],
        [("product PROD001", "location MAIN", "13", "14")],
    ),
    "remaining_equals_reservations": Defect(
        [f"UPDATE inventory.reservation_balance SET remaining = 9 WHERE document_id = {FIRST}"],
        [("invoice INV-2026-000001", "reservation HELD", "10 after 1 entries", "9 after 1 entries")],
        {"HELD": RESERVED},
    ),
    "stock_covers_reservations": Defect(
        [
            "ALTER TABLE inventory.stock DROP CONSTRAINT stock_covers_reservations",
            f"UPDATE inventory.reservation SET quantity = quantity + 93 WHERE document_id = {FIRST}",
            f"UPDATE inventory.reservation_balance SET remaining = remaining + 93 WHERE document_id = {FIRST}",
            f"UPDATE inventory.stock SET reserved = reserved + 93 WHERE product_id = {LAMP}",
        ],
        [("product PROD001", "location MAIN", "covered", "106 reserved of 105")],
    ),
    "stock_value_equals_books": Defect(
        [
            f"UPDATE inventory.stock_move SET value = value + 1 WHERE document_id = {RECEIPT} AND product_id = {LAMP}",
            f"UPDATE inventory.stock SET value = value + 1 WHERE product_id = {LAMP}",
        ],
        [("stock_receipt SR-2026-000001", "inventory on 2026-11-23", "7201", "7200")],
    ),
    "reservations_of_documents_that_wait": Defect(
        [
            f"DELETE FROM inventory.reservation WHERE document_id = {VOID} AND entry = 2",
            f"UPDATE inventory.reservation_balance SET remaining = 10, entries = 1 WHERE document_id = {VOID}",
            f"UPDATE inventory.stock SET reserved = reserved + 10 WHERE product_id = {LAMP}",
        ],
        [("invoice INV-2026-000002", "reserved", "0", "10")],
    ),
    "numbers_without_gaps": Defect(
        [f"UPDATE kernel.number_counter SET last = last + 1 WHERE series_id = {of('number_series', 'INVOICE')}"],
        [("number_series INVOICE", "number 6 of 2026", "on one document", "on 0 documents")],
    ),
    "links_join_documents": Defect(
        [f"UPDATE kernel.document_link SET to_id = '{NOBODY}' WHERE to_id = {PAYMENT}"],
        [
            (
                "invoice INV-2026-000001",
                f"payment from FIRST to {NOBODY}",
                "both exist",
                "the second does not exist",
            )
        ],
        {"FIRST": FIRST},
    ),
    "documents_name_what_exists": Defect(
        [f"UPDATE kernel.document SET party_id = '{NOBODY}' WHERE type = 'invoice' AND status = 'draft'"],
        [("invoice None", "party", "party", "nothing")],
    ),
    "approvals_equal_waiting_documents": Defect(
        ["UPDATE kernel.document SET status = 'withdrawn' WHERE type = 'approval' AND status = 'pending'"],
        [("invoice None", "approval", "one is pending", "0 are pending")],
    ),
    "events_consecutive": Defect(
        [f"DELETE FROM kernel.event WHERE subject_id = {FIRST} AND type = 'stock.reserved'"],
        [("invoice INV-2026-000001", "events", "1 to 3", "2 of them, 1 to 3")],
    ),
    "changes_have_events": Defect(
        ["UPDATE kernel.document SET version = version + 1 WHERE type = 'customer' AND number = 'CUST002'"],
        [("customer CUST002", "changes", "2 told", "1 told")],
    ),
    "events_tell_of_documents": Defect(
        [f"UPDATE kernel.event SET subject_type = 'payment' WHERE subject_id = {FIRST} AND sequence = 3"],
        [("invoice INV-2026-000001", "events", "payment", "invoice")],
    ),
    "outbox_has_its_events": Defect(
        [f"INSERT INTO kernel.outbox (event_id) VALUES ('{NOBODY}')"],
        [("None", f"event {NOBODY}", "recorded", "not recorded")],
    ),
    "answers_name_documents": Defect(
        [f"UPDATE kernel.idempotency SET body = json_build_object('id', '{NOBODY}') WHERE key = {ANSWERED}"],
        [("None", "THE KEY", "exists", f"there is no {NOBODY}")],
        {"THE KEY": ANSWERED},
    ),
    "product_sales_equal_sales": Defect(
        [f"UPDATE reporting.product_sales SET quantity = quantity + 1 WHERE product_id = {LAMP}"],
        [("product PROD001", "2026-11-23", "10 for 1200", "11 for 1200")],
    ),
    "sales_equal_events": Defect(
        [
            f"UPDATE reporting.sale SET net = net + 1 WHERE document_id = {FIRST}",
            f"UPDATE reporting.product_sales SET net = net + 1 WHERE product_id = {LAMP}",
        ],
        [
            (
                "invoice INV-2026-000001",
                "event EVENT line 1",
                "10 for 1200 on 2026-11-23 of LAMP",
                "10 for 1201 on 2026-11-23 of LAMP",
            )
        ],
        {"EVENT": f"(SELECT id FROM kernel.event WHERE subject_id = {FIRST} AND sequence = 1)", "LAMP": LAMP},
    ),
}


def test_there_is_a_defect_for_every_check() -> None:
    assert list(DEFECTS) == [check.name for check in CHECKS]


@pytest.mark.parametrize("name", list(DEFECTS))
def test_the_defect_is_found_and_named_and_no_other(busy: Shop, admin_url: str, name: str) -> None:
    defect = DEFECTS[name]
    names = {str(busy.api.rows(f"SELECT {sql}::text AS id")[0].id): shown for shown, sql in defect.replace.items()}
    report = planted(busy.api, admin_url, defect.plant)
    assert report.passed is False
    assert {check.name: check.wrong for check in report.checks if not check.passed} == {name: len(defect.found)}
    (check,) = [check for check in report.checks if check.name == name]
    assert check.looked_at > 0
    assert [told(item, names) for item in check.evidence] == defect.found


def told(item: Evidence, names: dict[str, str]) -> tuple[Any, ...]:
    """What the evidence tells, with names for ids."""
    document = f"{item.document.type} {item.document.number}" if item.document else "None"
    texts = [document, item.place, item.expected, item.found]
    for id, shown in names.items():
        texts = [text and text.replace(id, shown) for text in texts]
    return tuple(texts)


def test_a_planted_defect_is_gone_again(busy: Shop, admin_url: str) -> None:
    """The transaction it was planted in was rolled back, so that the next one starts from sound books."""
    assert planted(busy.api, admin_url, DEFECTS["entries_balance"].plant).passed is False
    assert planted(busy.api, admin_url, []).passed is True
