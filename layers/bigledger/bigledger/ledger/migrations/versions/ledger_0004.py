"""Dimensions of journal lines, and what is posted again and again: runs of templates, of allocations, of deferrals."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "ledger_0004"
down_revision = "ledger_0003"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    _dimensions()
    tenant_table(
        "ledger.template_run",
        """
        template_id uuid NOT NULL,
        due_date date NOT NULL,
        document_id uuid NOT NULL,
        reversal_id uuid,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT template_run_once PRIMARY KEY (tenant_id, template_id, due_date)
        """,
    )
    append_only("ledger.template_run")
    refers("ledger.template_run", "template_id", "document_id", "reversal_id")
    tenant_table(
        "ledger.allocation_run",
        """
        rule_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        document_id uuid NOT NULL,
        date_from date NOT NULL,
        date_to date NOT NULL CHECK (date_to >= date_from),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT allocation_run_once PRIMARY KEY (tenant_id, rule_id, number)
        """,
    )
    append_only("ledger.allocation_run")
    refers("ledger.allocation_run", "rule_id", "document_id")
    _deferrals()


def _dimensions() -> None:
    op.execute("""
        CREATE FUNCTION ledger.check_dimensions() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        DECLARE place record; asked jsonb; wrong record;
        BEGIN
            -- An entry that takes another one back carries what that did, and so does the closing of a year.
            FOR place IN
                SELECT DISTINCT account_id FROM new_lines WHERE entry = 1 AND area <> 'closing' ORDER BY account_id
            LOOP
                SELECT nullif(a.data->'dimensions', '[]') INTO asked FROM kernel.document a
                WHERE a.id = place.account_id;
                CONTINUE WHEN asked IS NULL;
                SELECT l.document_id, l.line, one->>'dimension' AS dimension INTO wrong
                FROM new_lines l CROSS JOIN jsonb_array_elements(asked) one
                WHERE l.account_id = place.account_id AND l.entry = 1 AND l.area <> 'closing'
                  AND CASE WHEN l.dimensions ? (one->>'dimension')
                      THEN one->'values' <> '[]' AND NOT one->'values' ? (l.dimensions->>(one->>'dimension'))
                      ELSE (one->>'required')::boolean
                          AND l.effective_date >= coalesce((one->>'required_from')::date, '-infinity') END
                  AND NOT ledger.takes_back(l.document_id)
                LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'constraint "dimension_required": line % of document % does not have % as asked',
                        wrong.line, wrong.document_id, wrong.dimension
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'dimension_required';
                END IF;
            END LOOP;
            FOR place IN
                SELECT DISTINCT l.document_id, l.effective_date, d.key, d.value
                FROM new_lines l CROSS JOIN jsonb_each_text(l.dimensions) d
                WHERE l.entry = 1 AND l.area <> 'closing' AND l.dimensions <> '{}' ORDER BY d.key, d.value
            LOOP
                IF NOT EXISTS (
                    SELECT 1 FROM kernel.document v
                    WHERE v.type = 'dimension_value' AND v.number = place.value AND v.status = 'active'
                      AND v.data->>'dimension' = place.key
                      AND place.effective_date >= coalesce((v.data->>'valid_from')::date, '-infinity')
                      AND place.effective_date <= coalesce((v.data->>'valid_to')::date, 'infinity')
                ) AND NOT ledger.takes_back(place.document_id) THEN
                    RAISE EXCEPTION 'constraint "dimension_known": % is no value of % on %',
                        place.value, place.key, place.effective_date
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'dimension_known';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION ledger.takes_back(document uuid) RETURNS boolean LANGUAGE sql STABLE
        SET search_path = pg_catalog AS $$
            SELECT d.data ? 'reversal_of' FROM kernel.document d WHERE d.id = document
        $$
    """)
    op.execute("""
        CREATE TRIGGER dimensions AFTER INSERT ON ledger.journal_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_dimensions()
    """)


def _deferrals() -> None:
    tenant_table(
        "ledger.deferral_recognition",
        """
        schedule_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        document_id uuid NOT NULL,
        company_id uuid NOT NULL,
        effective_date date NOT NULL,
        amount numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT deferral_recognised_once PRIMARY KEY (tenant_id, schedule_id, number)
        """,
    )
    append_only("ledger.deferral_recognition")
    refers("ledger.deferral_recognition", "schedule_id", "document_id", "company_id")
    tenant_table(
        "ledger.deferral_source",
        """
        document_id uuid NOT NULL,
        line integer NOT NULL,
        schedule_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT line_deferred_once PRIMARY KEY (tenant_id, document_id, line),
        UNIQUE (tenant_id, schedule_id)
        """,
    )
    append_only("ledger.deferral_source")
    refers("ledger.deferral_source", "document_id", "schedule_id")
    op.execute("""
        CREATE FUNCTION ledger.check_recognition() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        DECLARE place record; planned text;
        BEGIN
            FOR place IN SELECT schedule_id, number, amount FROM new_rows ORDER BY schedule_id, number LOOP
                SELECT d.data->'instalments'->(place.number - 1)->>'amount' INTO planned
                FROM kernel.document d WHERE d.id = place.schedule_id AND d.type = 'deferral_schedule';
                IF planned IS NULL OR planned::numeric <> place.amount THEN
                    RAISE EXCEPTION 'constraint "recognised_as_planned": instalment % of % is not %',
                        place.number, place.schedule_id, place.amount
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'recognised_as_planned';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER planned AFTER INSERT ON ledger.deferral_recognition REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_recognition()
    """)


def downgrade() -> None:
    tables = "template_run allocation_run deferral_recognition deferral_source".split()
    op.execute("DROP TABLE " + ", ".join(f"ledger.{table}" for table in tables) + " CASCADE")
    op.execute("DROP FUNCTION ledger.check_recognition() CASCADE")
    op.execute("DROP FUNCTION ledger.check_dimensions() CASCADE")
    op.execute("DROP FUNCTION ledger.takes_back(uuid)")
