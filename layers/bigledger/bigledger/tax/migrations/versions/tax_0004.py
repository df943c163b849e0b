"""A filed return locks the days of its own scope: nothing else of that scope is posted in the tax area there."""

from alembic import op

revision = "tax_0004"
down_revision = "tax_0003"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION tax.guard_scope() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE place record; own text;
        BEGIN
            FOR place IN SELECT DISTINCT company_id, document_id, effective_date FROM new_lines
                         WHERE area = 'tax' ORDER BY company_id, document_id, effective_date LOOP
                PERFORM pg_advisory_xact_lock(hashtextextended('tax returns ' || place.company_id, 0));
                -- What is no return, and so of no scope, stays out of the days of all of them.
                own := (SELECT d.data->>'scope' FROM kernel.document d
                        WHERE d.id = place.document_id AND d.type = 'tax_return');
                IF EXISTS (SELECT 1 FROM tax.filed_return f
                           WHERE f.company_id = place.company_id AND f.return_id <> place.document_id
                             AND (own IS NULL OR f.scope = own)
                             AND place.effective_date BETWEEN f.starts_on AND f.ends_on) THEN
                    RAISE EXCEPTION 'constraint "tax_scope_open": a return of % is filed for %',
                        coalesce(own, 'some scope'), place.effective_date
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'tax_scope_open';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_tax_scope AFTER INSERT ON ledger.journal_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION tax.guard_scope()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER guard_tax_scope ON ledger.journal_line")
    op.execute("DROP FUNCTION tax.guard_scope()")
