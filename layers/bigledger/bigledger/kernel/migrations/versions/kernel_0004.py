"""A list that stands in several places of a flush comes once; this function puts it where its tokens stand."""

from alembic import op

revision = "kernel_0004"
down_revision = "kernel_0003"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION kernel.with_lists(body text, lists json) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE list record;
        BEGIN
            FOR list IN SELECT key, value FROM json_each_text(lists) LOOP
                body := replace(body, '"' || list.key || '"', list.value);
            END LOOP;
            RETURN body;
        END $$
    """)
    op.execute("COMMENT ON FUNCTION kernel.with_lists(text, json) IS 'a JSON text with the lists whose tokens it has'")


def downgrade() -> None:
    op.execute("DROP FUNCTION kernel.with_lists(text, json)")
