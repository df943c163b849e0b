"""What documents sell and buy without tax, and why: the turnover that tax entries do not tell of."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "tax_0003"
down_revision = "tax_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "tax.untaxed_entry",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        line integer NOT NULL CHECK (line > 0),
        company_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('sale', 'sale_credit', 'purchase', 'purchase_credit')),
        basis text NOT NULL CHECK (basis IN ('exemption', 'rule', 'no_rate', 'no_rule', 'unsaid')),
        tax text,
        rule text,
        certificate text,
        item integer,
        effective_date date NOT NULL,
        base numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, line),
        CONSTRAINT untaxed_entry_tax CHECK ((tax IS NOT NULL) = (basis IN ('exemption', 'no_rate')))
        """,
    )
    op.execute("CREATE INDEX untaxed_entry_day ON tax.untaxed_entry (tenant_id, company_id, effective_date)")
    append_only("tax.untaxed_entry")
    refers("tax.untaxed_entry", "document_id", "company_id")


def downgrade() -> None:
    op.execute("DROP TABLE tax.untaxed_entry CASCADE")
    op.execute("DROP FUNCTION tax.untaxed_entry_refers()")
