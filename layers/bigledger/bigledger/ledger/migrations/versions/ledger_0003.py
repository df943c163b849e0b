"""Fiscal years that are closed, named exceptions to closed periods, and balances of months beside those of days."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "ledger_0003"
down_revision = "ledger_0002"
branch_labels = None
depends_on = "records_0002"
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "ledger.year_closing",
        """
        fiscal_year_id uuid NOT NULL,
        number smallint NOT NULL CHECK (number > 0),
        action text NOT NULL CHECK (action IN ('closed', 'reopened')),
        company_id uuid NOT NULL,
        document_id uuid,
        effective_date date NOT NULL,
        result numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, fiscal_year_id, number),
        CONSTRAINT closed_then_reopened CHECK ((number % 2 = 1) = (action = 'closed'))
        """,
    )
    op.execute("CREATE INDEX year_closing_document ON ledger.year_closing (tenant_id, document_id)")
    append_only("ledger.year_closing")
    refers("ledger.year_closing", "fiscal_year_id", "company_id", "document_id")
    op.execute("""
        CREATE INDEX journal_line_closing ON ledger.journal_line (tenant_id, company_id, effective_date)
        WHERE area = 'closing'
    """)
    _exceptions()
    _months()
    op.execute("""
        CREATE OR REPLACE FUNCTION ledger.post_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE place record;
        BEGIN
            FOR place IN SELECT DISTINCT company_id FROM new_lines ORDER BY company_id LOOP
                PERFORM pg_advisory_xact_lock_shared(hashtextextended('periods ' || place.company_id, 0));
            END LOOP;

            -- A closing entry comes with the closing of its year, also into a closed period, but not into a locked one.
            FOR place IN
                SELECT DISTINCT l.company_id, l.document_id, l.effective_date, l.area FROM new_lines l
                WHERE l.area = 'closing' OR NOT EXISTS (
                    SELECT 1 FROM records.fiscal_period p
                    WHERE p.company_id = l.company_id AND p.starts_on <= l.effective_date
                      AND p.ends_on >= l.effective_date AND p.status = 'open' AND l.area <> ALL (p.closed_areas))
            LOOP
                IF NOT (CASE place.area WHEN 'closing' THEN ledger.closes_year(place.document_id, place.effective_date)
                        ELSE ledger.excepted(place.company_id, place.document_id, place.effective_date, place.area) END)
                THEN
                    RAISE EXCEPTION 'constraint "period_open": no open period takes % postings on %',
                        place.area, place.effective_date
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'period_open';
                END IF;
            END LOOP;

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
            INSERT INTO ledger.month_balance AS b
                (company_id, account_id, month, closing, dimensions, base_debit, base_credit)
            SELECT company_id, account_id, date_trunc('month', effective_date)::date, area = 'closing', dimensions,
                   sum(greatest(base_amount, 0)), sum(greatest(-base_amount, 0))
            FROM new_lines GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
            ON CONFLICT (tenant_id, company_id, account_id, month, closing, dimensions) DO UPDATE SET
                base_debit = b.base_debit + excluded.base_debit, base_credit = b.base_credit + excluded.base_credit;
            RETURN NULL;
        END $$
    """)
    _guards()


def _months() -> None:
    """Balances of whole months: a statement over years adds up months, and days only of the months it divides."""
    tenant_table(
        "ledger.month_balance",
        """
        company_id uuid NOT NULL,
        account_id uuid NOT NULL,
        month date NOT NULL CHECK (extract(day FROM month) = 1),
        closing boolean NOT NULL,
        dimensions jsonb NOT NULL,
        base_debit numeric NOT NULL,
        base_credit numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, account_id, month, closing, dimensions)
        """,
        "SELECT",
    )
    op.execute("CREATE INDEX balance_day ON ledger.balance (tenant_id, company_id, day)")


def _exceptions() -> None:
    op.execute("""
        CREATE FUNCTION ledger.year_closed(year uuid) RETURNS boolean LANGUAGE sql STABLE
        SET search_path = pg_catalog AS $$
            SELECT coalesce((SELECT y.action = 'closed' FROM ledger.year_closing y WHERE y.fiscal_year_id = year
                             ORDER BY y.number DESC LIMIT 1), false)
        $$
    """)
    op.execute("""
        CREATE FUNCTION ledger.closes_year(document uuid, day date) RETURNS boolean LANGUAGE sql STABLE
        SET search_path = pg_catalog AS $$
            SELECT EXISTS (
                SELECT 1 FROM ledger.year_closing y
                JOIN records.fiscal_period p ON p.company_id = y.company_id AND p.ends_on = day AND p.status <> 'locked'
                WHERE y.document_id = document AND y.effective_date = day)
        $$
    """)
    op.execute("""
        CREATE FUNCTION ledger.excepted(company uuid, document uuid, day date, wanted text)
        RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
            SELECT EXISTS (
                SELECT 1 FROM records.fiscal_period p
                JOIN kernel.document e ON e.type = 'period_exception' AND e.status = 'active'
                    AND e.company_id = p.company_id AND e.date = p.starts_on
                WHERE p.company_id = company AND day BETWEEN p.starts_on AND p.ends_on
                  AND p.status <> 'locked' AND wanted <> ALL (p.locked_areas)
                  AND NOT ledger.year_closed(p.fiscal_year_id)
                  AND (e.data->>'expires_at')::timestamptz > kernel.now() AND e.data->'areas' ? wanted
                  AND e.data->>'user' = (SELECT d.updated_by FROM kernel.document d WHERE d.id = document))
        $$
    """)


def _guards() -> None:
    """A period of a closed year stays closed: its result has gone to retained earnings."""
    op.execute("""
        CREATE FUNCTION ledger.guard_closed_year() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF ledger.year_closed(OLD.fiscal_year_id) THEN
                RAISE EXCEPTION 'constraint "closed_year_stays": the year of the period from % is closed', OLD.starts_on
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_year_stays';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_closed_year AFTER UPDATE ON records.fiscal_period
        FOR EACH ROW WHEN (NEW.status = 'open') EXECUTE FUNCTION ledger.guard_closed_year()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE ledger.year_closing CASCADE")
    op.execute("DROP FUNCTION ledger.guard_closed_year() CASCADE")
    op.execute("DROP FUNCTION ledger.year_closed(uuid), ledger.closes_year(uuid, date) CASCADE")
    op.execute("DROP FUNCTION ledger.excepted(uuid, uuid, date, text) CASCADE")
