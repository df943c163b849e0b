"""Amounts in the ledger are whole units of their currency: nobody owes or pays a fraction of a cent."""

from alembic import op

revision = "ledger_0009"
down_revision = "ledger_0008"
branch_labels = None
depends_on = None
phase = "expand"

_WRITTEN = {
    # A later entry of a document takes back what was posted, also what was posted before this held.
    "ledger.journal_line": "n.entry = 1",
    "ledger.open_item": "true",
}


def upgrade() -> None:
    for table, written in _WRITTEN.items():
        function = f"{table}_in_units"
        # Minor units of ISO 4217 where they are not two.
        op.execute(f"""
            CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
            DECLARE fine record;
            BEGIN
                SELECT n.document_id, n.amount, n.currency INTO fine FROM new_rows n
                WHERE {written} AND n.amount <> round(n.amount, CASE
                    WHEN n.currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
                                        'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
                    WHEN n.currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
                    WHEN n.currency IN ('CLF', 'UYW') THEN 4
                    ELSE 2 END)
                LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'constraint "amount_in_units": % of document % is finer than %',
                        fine.amount, fine.document_id, fine.currency
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'amount_in_units';
                END IF;
                RETURN NULL;
            END $$
        """)
        op.execute(f"""
            CREATE TRIGGER in_units AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION {function}()
        """)


def downgrade() -> None:
    for table in _WRITTEN:
        op.execute(f"DROP FUNCTION {table}_in_units() CASCADE")
