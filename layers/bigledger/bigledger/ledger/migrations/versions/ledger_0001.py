"""Journal lines, balanced and in open periods by the database's own word, and the balances kept from them."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, schema, tenant_table

revision = "ledger_0001"
down_revision = None
branch_labels = ("ledger",)
depends_on = "records_0001"
phase = "expand"


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
        PRIMARY KEY (tenant_id, document_id, entry, line)
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
    refers("ledger.journal_line", "document_id", "account_id", "company_id", "party_id", "product_id")
    tenant_table(
        "ledger.balance",
        """
        company_id uuid NOT NULL,
        account_id uuid NOT NULL,
        day date NOT NULL,
        currency text NOT NULL,
        closing boolean NOT NULL,
        dimensions jsonb NOT NULL,
        debit numeric NOT NULL,
        credit numeric NOT NULL,
        base_debit numeric NOT NULL,
        base_credit numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, account_id, day, currency, closing, dimensions)
        """,
        "SELECT",
    )
    _post()
    _guards()


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

            -- An entry between two currencies converts one into the other; it has no sum but that in base currency.
            SELECT document_id, min(currency) AS currency INTO place FROM new_lines
            GROUP BY document_id, entry, company_id
            HAVING sum(amount) <> 0 AND count(DISTINCT currency) = 1 LIMIT 1;
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

            -- An entry is written at once, with a change of its document. It begins with line 1, which the primary key
            -- lets stand once: so nothing is appended to an entry that was posted before.
            SELECT n.document_id, n.entry INTO place
            FROM (SELECT document_id, entry, min(line) AS first FROM new_lines GROUP BY document_id, entry) n
            WHERE n.first <> 1 OR NOT EXISTS (
                SELECT 1 FROM kernel.document d WHERE d.id = n.document_id AND d.xmin = pg_current_xact_id()::xid)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "entry_at_once": entry % of document % comes in parts or by itself',
                    place.entry, place.document_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_at_once';
            END IF;

            INSERT INTO ledger.balance AS b
                (company_id, account_id, day, currency, closing, dimensions, debit, credit, base_debit, base_credit)
            SELECT company_id, account_id, effective_date, currency, area = 'closing', dimensions,
                   sum(greatest(amount, 0)), sum(greatest(-amount, 0)),
                   sum(greatest(base_amount, 0)), sum(greatest(-base_amount, 0))
            FROM new_lines GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
            ON CONFLICT (tenant_id, company_id, account_id, day, currency, closing, dimensions) DO UPDATE SET
                debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
                base_debit = b.base_debit + excluded.base_debit, base_credit = b.base_credit + excluded.base_credit;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER post AFTER INSERT ON ledger.journal_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.post_lines()
    """)


def _guards() -> None:
    """What gives posted figures their meaning stays, whoever writes."""
    op.execute("""
        CREATE FUNCTION ledger.guard_period() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM ledger.journal_line
                       WHERE company_id = OLD.company_id AND effective_date BETWEEN OLD.starts_on AND OLD.ends_on) THEN
                RAISE EXCEPTION 'constraint "posted_period_stays": the period from % has postings', OLD.starts_on
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'posted_period_stays';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_posted AFTER DELETE ON records.fiscal_period
        FOR EACH ROW EXECUTE FUNCTION ledger.guard_period()
    """)
    op.execute("""
        CREATE TRIGGER guard_moved AFTER UPDATE ON records.fiscal_period
        FOR EACH ROW WHEN ((NEW.company_id, NEW.starts_on, NEW.ends_on) IS DISTINCT FROM
                           (OLD.company_id, OLD.starts_on, OLD.ends_on)) EXECUTE FUNCTION ledger.guard_period()
    """)
    op.execute("""
        CREATE FUNCTION ledger.guard_set_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM ledger.balance WHERE NEW.id IN (company_id, account_id)
                       GROUP BY company_id, account_id, currency
                       HAVING NEW.status = 'active' OR NEW.type = 'company'
                           OR sum(debit) <> sum(credit) OR sum(base_debit) <> sum(base_credit)) THEN
                RAISE EXCEPTION 'constraint "set_up_in_use": postings rest on % %', NEW.type, NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'set_up_in_use';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_set_up AFTER UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type IN ('account', 'company') AND (NEW.status <> 'active' OR
            (NEW.data->'currency', NEW.data->'kind', NEW.data->'group', NEW.data->'control') IS DISTINCT FROM
            (OLD.data->'currency', OLD.data->'kind', OLD.data->'group', OLD.data->'control')))
        EXECUTE FUNCTION ledger.guard_set_up()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA ledger CASCADE")
