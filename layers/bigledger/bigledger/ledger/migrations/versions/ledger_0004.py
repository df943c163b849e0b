"""Dimensions of journal lines: those that an account asks for are there, and their values exist."""

from alembic import op

revision = "ledger_0004"
down_revision = "ledger_0003"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION ledger.check_dimensions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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


def downgrade() -> None:
    op.execute("DROP FUNCTION ledger.check_dimensions() CASCADE")
    op.execute("DROP FUNCTION ledger.takes_back(uuid)")
