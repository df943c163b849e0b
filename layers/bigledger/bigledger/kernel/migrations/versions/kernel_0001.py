"""Tenants, documents, links, events, outbox, idempotency and number counters."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, DISPATCHER, append_only, schema, tenant_table

revision = "kernel_0001"
down_revision = None
branch_labels = ("kernel",)
depends_on = None
phase = "expand"


def upgrade() -> None:
    _roles()
    schema("kernel")
    op.execute(f"GRANT USAGE ON SCHEMA kernel TO {DISPATCHER}")
    _functions()
    _tables()
    _guards()
    _open()


def _roles() -> None:
    for role in (APPLICATION, DISPATCHER):
        op.execute(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )


def _functions() -> None:
    op.execute("""
        CREATE FUNCTION kernel.now() RETURNS timestamptz LANGUAGE sql STABLE AS
        $$ SELECT coalesce(nullif(current_setting('app.now', true), '')::timestamptz, transaction_timestamp()) $$
    """)
    op.execute("COMMENT ON FUNCTION kernel.now() IS 'the instant of the request, as its context has it'")
    op.execute("""
        CREATE FUNCTION kernel.fill(body text, numbers jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE entry record;
        BEGIN
            FOR entry IN SELECT key, value FROM jsonb_each_text(numbers) LOOP
                body := replace(body, entry.key, entry.value);
            END LOOP;
            RETURN body;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION kernel.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege', HINT = 'Correct with a new row.';
        END $$
    """)


def _tables() -> None:
    tenant_table(
        "kernel.tenant",
        """
        name text NOT NULL,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
        api_version text NOT NULL,
        configuration_version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id)
        """,
        "SELECT, INSERT, UPDATE",
    )
    op.execute(f"CREATE POLICY dispatcher ON kernel.tenant FOR SELECT TO {DISPATCHER} USING (true)")
    op.execute(f"GRANT SELECT ON kernel.tenant TO {DISPATCHER}")

    tenant_table(
        "kernel.document",
        """
        id uuid NOT NULL,
        type text NOT NULL,
        company_id uuid,
        number text,
        status text NOT NULL,
        party_id uuid,
        date date,
        due_date date,
        currency text,
        total numeric,
        data jsonb NOT NULL,
        metadata jsonb NOT NULL DEFAULT '{}',
        custom jsonb NOT NULL DEFAULT '{}',
        version integer NOT NULL CHECK (version > 0),
        sequence integer NOT NULL CHECK (sequence >= 0),
        posted_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT kernel.now(),
        created_by text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT kernel.now(),
        updated_by text NOT NULL,
        PRIMARY KEY (tenant_id, id)
        """,
        "SELECT, INSERT, UPDATE",
    )
    op.execute("""
        CREATE UNIQUE INDEX document_number ON kernel.document (tenant_id, type, number, company_id)
        NULLS NOT DISTINCT WHERE number IS NOT NULL
    """)
    for gone in ("DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER refuse_{gone.lower()} BEFORE {gone} ON kernel.document"
            " FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()"
        )
    op.execute("CREATE INDEX document_type ON kernel.document (tenant_id, type, id)")
    op.execute("CREATE INDEX document_status ON kernel.document (tenant_id, type, status, id)")
    op.execute(
        "CREATE INDEX document_party ON kernel.document (tenant_id, party_id, type, id) WHERE party_id IS NOT NULL"
    )
    op.execute("CREATE INDEX document_date ON kernel.document (tenant_id, type, date, id) WHERE date IS NOT NULL")
    op.execute(
        "CREATE INDEX document_due ON kernel.document (tenant_id, type, due_date, id) WHERE due_date IS NOT NULL"
    )

    tenant_table(
        "kernel.document_link",
        """
        from_id uuid NOT NULL,
        to_id uuid NOT NULL,
        kind text NOT NULL,
        quantity numeric,
        created_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, from_id, to_id, kind),
        FOREIGN KEY (tenant_id, from_id) REFERENCES kernel.document (tenant_id, id),
        FOREIGN KEY (tenant_id, to_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    op.execute("CREATE INDEX document_link_to ON kernel.document_link (tenant_id, to_id)")
    append_only("kernel.document_link")

    tenant_table(
        "kernel.event",
        """
        id uuid NOT NULL,
        type text NOT NULL,
        version smallint NOT NULL,
        source text NOT NULL,
        subject_type text NOT NULL,
        subject_id uuid NOT NULL,
        sequence integer NOT NULL CHECK (sequence > 0),
        actor_id text NOT NULL,
        actor_kind text NOT NULL,
        actor_name text NOT NULL,
        operation text NOT NULL,
        correlation_id text NOT NULL,
        causation_id text,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        transaction_id bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
        data jsonb NOT NULL,
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT event_sequence UNIQUE (tenant_id, subject_id, sequence)
        """,
    )
    op.execute("CREATE INDEX event_feed ON kernel.event (tenant_id, transaction_id, id)")
    op.execute("CREATE INDEX event_type ON kernel.event (tenant_id, type, transaction_id, id)")
    append_only("kernel.event")
    op.execute(f"CREATE POLICY dispatcher ON kernel.event FOR SELECT TO {DISPATCHER} USING (true)")
    op.execute(f"GRANT SELECT ON kernel.event TO {DISPATCHER}")

    tenant_table(
        "kernel.outbox",
        """
        event_id uuid NOT NULL,
        destination text,
        created_at timestamptz NOT NULL DEFAULT kernel.now(),
        FOREIGN KEY (tenant_id, event_id) REFERENCES kernel.event (tenant_id, id)
        """,
    )
    op.execute(
        "CREATE UNIQUE INDEX outbox_event ON kernel.outbox (tenant_id, event_id, destination) NULLS NOT DISTINCT"
    )
    op.execute("CREATE INDEX outbox_order ON kernel.outbox (event_id)")
    op.execute(f"CREATE POLICY dispatcher ON kernel.outbox TO {DISPATCHER} USING (true)")
    op.execute(f"GRANT SELECT, UPDATE, DELETE ON kernel.outbox TO {DISPATCHER}")

    tenant_table(
        "kernel.idempotency",
        """
        key text NOT NULL,
        operation text NOT NULL,
        request_hash text NOT NULL,
        status smallint NOT NULL,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT idempotency_key PRIMARY KEY (tenant_id, key)
        """,
    )
    op.execute("CREATE INDEX idempotency_age ON kernel.idempotency (created_at) WHERE starts_with(key, 'request ')")
    # Answers to requests are forgotten one day, but never that an event has taken effect.
    op.execute(f"CREATE POLICY dispatcher ON kernel.idempotency TO {DISPATCHER} USING (starts_with(key, 'request '))")
    op.execute(f"GRANT SELECT, DELETE ON kernel.idempotency TO {DISPATCHER}")
    tenant_table(
        "kernel.number_counter",
        """
        series_id uuid NOT NULL,
        period text NOT NULL,
        last bigint NOT NULL CHECK (last > 0),
        prefixes text[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, series_id, period),
        FOREIGN KEY (tenant_id, series_id) REFERENCES kernel.document (tenant_id, id)
        """,
        "SELECT, INSERT, UPDATE",
    )
    op.execute("COMMENT ON COLUMN kernel.number_counter.prefixes IS 'what the numbers begin with that were given last'")


def _guards() -> None:
    """What even hand-written SQL may not do to a document or a counter."""
    op.execute("""
        CREATE FUNCTION kernel.guard_document() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.version <> OLD.version + 1 THEN
                RAISE EXCEPTION 'constraint "document_version": a change moves the version from % to %',
                    OLD.version, OLD.version + 1
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'document_version';
            END IF;
            IF (NEW.tenant_id, NEW.id, NEW.type, NEW.created_at, NEW.created_by)
               IS DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.type, OLD.created_at, OLD.created_by)
               OR (OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number)
               OR (OLD.posted_at IS NOT NULL
                   AND (NEW.posted_at, NEW.company_id, NEW.party_id, NEW.date, NEW.currency, NEW.total)
                   IS DISTINCT FROM
                   (OLD.posted_at, OLD.company_id, OLD.party_id, OLD.date, OLD.currency, OLD.total))
               -- What was posted stays as it was told; later facts, such as why it was voided, stand beside it.
               OR (OLD.posted_at IS NOT NULL AND NEW.data <> OLD.data AND EXISTS (
                       SELECT 1 FROM jsonb_each(OLD.data) told WHERE NEW.data->told.key IS DISTINCT FROM told.value))
               THEN
                RAISE EXCEPTION 'constraint "document_immutable": identity, number and posted figures do not change'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'document_immutable';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard BEFORE UPDATE ON kernel.document
        FOR EACH ROW EXECUTE FUNCTION kernel.guard_document()
    """)
    op.execute("""
        CREATE FUNCTION kernel.guard_counter() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.last <= OLD.last OR (NEW.tenant_id, NEW.series_id, NEW.period)
               IS DISTINCT FROM (OLD.tenant_id, OLD.series_id, OLD.period) THEN
                RAISE EXCEPTION 'constraint "number_counter_rises": a number series only counts up'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'number_counter_rises';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard BEFORE UPDATE ON kernel.number_counter
        FOR EACH ROW EXECUTE FUNCTION kernel.guard_counter()
    """)


def _open() -> None:
    op.execute("""
        CREATE FUNCTION kernel.open(tenant text, instant text, actor text, idempotency_key text)
        RETURNS TABLE (name text, status text, configuration_version bigint, actor_version integer,
                       request_hash text, response_status smallint, response_body text)
        LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('app.tenant_id', tenant, true), set_config('app.now', instant, true);
            IF idempotency_key IS NOT NULL THEN
                PERFORM set_config('lock_timeout', '10s', true);
                PERFORM pg_advisory_xact_lock(hashtextextended(tenant || ' ' || idempotency_key, 0));
            END IF;
            RETURN QUERY
                SELECT t.name, t.status, t.configuration_version,
                       (SELECT d.version FROM kernel.document d
                        WHERE d.id = cast(actor AS uuid) AND d.status = 'active'
                          AND coalesce((d.data->>'expires_at')::timestamptz > instant::timestamptz, true)),
                       i.request_hash, i.status, i.body
                FROM (SELECT 1) AS one
                LEFT JOIN kernel.tenant t ON true
                LEFT JOIN kernel.idempotency i ON i.key = idempotency_key;
        END $$
    """)
    op.execute("""
        COMMENT ON FUNCTION kernel.open(text, text, text, text) IS
        'begins a request: sets the tenant and the instant for the transaction, lets one request per idempotency key
         pass at a time, and answers what the pipeline must know before it runs the operation'
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA kernel CASCADE")
