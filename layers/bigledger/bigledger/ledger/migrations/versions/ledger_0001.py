"""Journal lines, balanced and in open periods by the database's own word, and the balances kept from them."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, schema, tenant_table

revision = "ledger_0001"
down_revision = None
branch_labels = ("ledger",)
depends_on = "records_0001"


def upgrade() -> None:
    schema("ledger")
    tenant_table(
        "ledger.journal_line",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        line integer NOT NULL CHECK (line > 0),
        company_id uuid NOT NULL,
        account_id uuid NOT NULL,
        area text NOT NULL,
        effective_date date NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        currency text NOT NULL,
        amount numeric NOT NULL,
        base_amount numeric NOT NULL,
        party_id uuid,
        product_id uuid,
        quantity numeric,
        tax text,
        text text,
        dimensions jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, document_id, entry, line),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id),
        FOREIGN KEY (tenant_id, account_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    op.execute("""
        CREATE INDEX journal_line_account ON ledger.journal_line
        (tenant_id, company_id, account_id, effective_date, recorded_at, document_id, entry, line)
        INCLUDE (base_amount)
    """)
    op.execute("""
        CREATE INDEX journal_line_day ON ledger.journal_line (tenant_id, company_id, effective_date)
        INCLUDE (account_id, base_amount)
    """)
    append_only("ledger.journal_line")
    tenant_table(
        "ledger.balance",
        """
        company_id uuid NOT NULL,
        account_id uuid NOT NULL,
        month date NOT NULL,
        currency text NOT NULL,
        debit numeric NOT NULL,
        credit numeric NOT NULL,
        base_debit numeric NOT NULL,
        base_credit numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, account_id, month, currency)
        """,
        "SELECT",
    )
    _post()


def _post() -> None:
    op.execute("""
        CREATE FUNCTION ledger.post_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE place record;
        BEGIN
            FOR place IN SELECT DISTINCT company_id FROM new_lines ORDER BY company_id LOOP
                PERFORM pg_advisory_xact_lock_shared(hashtextextended('periods ' || place.company_id, 0));
            END LOOP;

            SELECT l.company_id, l.effective_date, l.area INTO place
            FROM (SELECT DISTINCT company_id, effective_date, area FROM new_lines) l
            WHERE NOT EXISTS (
                SELECT 1 FROM records.fiscal_period p
                WHERE p.company_id = l.company_id AND p.starts_on <= l.effective_date
                  AND p.ends_on >= l.effective_date AND p.status = 'open' AND l.area <> ALL (p.closed_areas))
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "period_open": no open period takes % postings on %',
                    place.area, place.effective_date
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'period_open';
            END IF;

            SELECT document_id, currency INTO place FROM new_lines
            GROUP BY document_id, entry, company_id, currency HAVING sum(amount) <> 0 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "entry_balanced": the entry of document % does not balance in %',
                    place.document_id, place.currency
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';
            END IF;
            SELECT document_id INTO place FROM new_lines
            GROUP BY document_id, entry, company_id HAVING sum(base_amount) <> 0 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "entry_balanced": the entry of document % does not balance in %',
                    place.document_id, 'base currency'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';
            END IF;

            INSERT INTO ledger.balance AS b
                (company_id, account_id, month, currency, debit, credit, base_debit, base_credit)
            SELECT company_id, account_id, date_trunc('month', effective_date)::date, currency,
                   sum(greatest(amount, 0)), sum(greatest(-amount, 0)),
                   sum(greatest(base_amount, 0)), sum(greatest(-base_amount, 0))
            FROM new_lines GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (tenant_id, company_id, account_id, month, currency) DO UPDATE SET
                debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
                base_debit = b.base_debit + excluded.base_debit, base_credit = b.base_credit + excluded.base_credit;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER post AFTER INSERT ON ledger.journal_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.post_lines()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA ledger CASCADE")
