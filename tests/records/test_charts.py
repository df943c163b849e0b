"""The general chart of accounts: complete, a tree, and with every account that postings need."""

from collections import Counter

from bigledger.records import CompanyAccounts, general_chart

CHART = {account.code: account for account in general_chart()}


def test_the_chart_has_more_than_sixty_accounts_each_code_once() -> None:
    assert len(CHART) == len(general_chart()) == 174
    assert Counter(account.kind for account in CHART.values() if not account.group) == {
        "asset": 47,
        "liability": 30,
        "equity": 10,
        "revenue": 13,
        "expense": 39,
    }


def test_every_parent_exists_before_its_child_and_is_a_group_of_the_same_kind() -> None:
    seen: set[str] = set()
    for account in general_chart():
        if account.parent is None:
            assert len(account.code) == 1
        else:
            assert account.parent in seen
            assert CHART[account.parent].group
            assert CHART[account.parent].kind == account.kind
            assert account.code.startswith(account.parent)
        seen.add(account.code)


def test_accounts_that_take_postings_have_a_category_and_groups_have_children() -> None:
    parents = {account.parent for account in CHART.values()}
    for account in CHART.values():
        if account.group:
            assert account.code in parents
            assert account.control is None
        else:
            assert account.category is not None
            assert account.code not in parents


def test_the_categories_are_line_items_of_ias_1() -> None:
    """IAS 1, 54 (financial position) and 82, 103 (profit or loss by function)."""
    categories: dict[str, set[str]] = {}
    for account in CHART.values():
        if account.category is not None:
            categories.setdefault(account.kind, set()).add(account.category)
    assert categories == {
        "asset": {
            "cash_and_cash_equivalents", "trade_and_other_receivables", "current_tax_assets", "other_current_assets",
            "inventories", "property_plant_and_equipment", "intangible_assets", "non_current_financial_assets",
            "investments_equity_method", "deferred_tax", "other_non_current_assets",
        },
        "liability": {
            "trade_and_other_payables", "current_tax_liabilities", "contract_liabilities", "current_provisions",
            "current_financial_liabilities", "current_lease_liabilities", "non_current_provisions",
            "non_current_financial_liabilities", "non_current_lease_liabilities", "deferred_tax",
            "other_non_current_liabilities",
        },
        "equity": {
            "equity", "issued_capital", "reserves", "retained_earnings", "non_controlling_interests", "owners_capital",
        },
        "revenue": {"revenue", "other_income", "finance_income", "share_of_result_of_associates"},
        "expense": {
            "cost_of_sales", "distribution_costs", "administrative_expenses", "impairment_of_financial_assets",
            "impairment_of_non_financial_assets", "other_expenses", "finance_costs", "income_tax_expense",
        },
    }  # fmt: skip


def test_the_default_accounts_of_a_company_take_postings_of_the_right_kind() -> None:
    defaults = {name: CHART[code] for name, code in CompanyAccounts().model_dump(exclude_none=True).items()}
    assert {
        name: (account.code, account.name, account.kind, account.control) for name, account in defaults.items()
    } == {
        "receivable": ("1200", "Accounts receivable", "asset", "receivable"),
        "revenue": ("4000", "Sales of goods", "revenue", None),
        "inventory": ("1400", "Merchandise inventory", "asset", "inventory"),
        "stock_received_not_invoiced": ("2150", "Stock received not invoiced", "liability", None),
        "bank": ("1020", "Bank, current account", "asset", "bank"),
        "customer_advances": ("2300", "Customer advances", "liability", "receivable"),
        "payable": ("2100", "Accounts payable", "liability", "payable"),
        "expense": ("6300", "Other operating expenses", "expense", None),
        "supplier_advances": ("1230", "Advances to suppliers", "asset", "payable"),
        "expense_claims": ("2140", "Employee expense claims payable", "liability", "payable"),
        "discounts_granted": ("4085", "Cash discounts granted", "revenue", None),
        "discounts_received": ("5035", "Cash discounts received", "expense", None),
        "bad_debts": ("6200", "Expected credit losses", "expense", None),
        "dunning_fees": ("4200", "Other operating income", "revenue", None),
        "rounding": ("6340", "Rounding differences", "expense", None),
        "exchange_gain": ("4220", "Realised exchange gains", "revenue", None),
        "exchange_loss": ("6320", "Realised exchange losses", "expense", None),
        "unrealised_exchange_gain": ("4230", "Unrealised exchange gains", "revenue", None),
        "unrealised_exchange_loss": ("6330", "Unrealised exchange losses", "expense", None),
        "receivable_revaluation": ("1205", "Receivables, exchange revaluation", "asset", None),
        "payable_revaluation": ("2105", "Payables, exchange revaluation", "liability", None),
        "deferred_revenue": ("2310", "Deferred revenue", "liability", None),
        "prepaid_expense": ("1300", "Prepaid expenses", "asset", None),
        "withholding_tax": ("2210", "Withholding tax payable", "liability", "tax"),
        "tax_settlement": ("2230", "Sales tax settlement", "liability", None),
        "retained_earnings": ("3100", "Retained earnings", "equity", None),
        "opening_balance": ("1810", "Opening balance clearing", "asset", None),
    }
    assert not any(account.group for account in defaults.values())
    assert (CHART["2200"].name, CHART["2200"].control) == ("Sales tax payable", "tax")


def test_discounts_stand_with_what_they_reduce() -> None:
    """IFRS 15, 50-51: a discount granted reduces revenue. IAS 2, 11: one received reduces the cost of purchase."""
    discounts = [CHART[code] for code in ("4085", "5035")]
    assert [(account.name, account.kind, account.category) for account in discounts] == [
        ("Cash discounts granted", "revenue", "revenue"),
        ("Cash discounts received", "expense", "cost_of_sales"),
    ]


def test_expenses_are_shown_by_function() -> None:
    """IAS 1, 103: depreciation belongs to the function it serves; impairment losses stand apart (82)."""
    depreciation = [account for account in CHART.values() if account.name.startswith("Depreciation")]
    assert {account.category for account in depreciation} == {
        "cost_of_sales", "distribution_costs", "administrative_expenses",
    }  # fmt: skip
    assert {account.category for account in CHART.values() if account.parent == "62"} == {
        "impairment_of_financial_assets", "impairment_of_non_financial_assets",
    }  # fmt: skip


def test_each_class_that_wears_out_has_its_accumulated_depreciation() -> None:
    """IAS 16, 73 and IAS 38, 118: cost and accumulated depreciation are told per class."""
    classes = {code: CHART[code].name for code in ("1510", "1520", "1530", "1540", "1550", "1560", "1610")}
    for code, name in classes.items():
        assert CHART[f"{code[:3]}9"].name.startswith(f"{name}, accumulated ")


def test_cash_and_banks_are_told_apart() -> None:
    controls = {account.code: account.control for account in CHART.values() if account.control in {"cash", "bank"}}
    assert controls == {"1010": "cash", "1020": "bank", "1030": "bank"}
