"""Feature flags: their settings, and the version of a tenant's set-up that moves with those of the installation too."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, tenant_table

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None
phase = "expand"

_INSTALLATION = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def upgrade() -> None:
    tenant_table(
        "kernel.feature_flag",
        """
        change bigint NOT NULL CHECK (change > 0),
        key text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        setting jsonb NOT NULL,
        changed_by text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT feature_flag_change PRIMARY KEY (tenant_id, change),
        CONSTRAINT feature_flag_version UNIQUE (tenant_id, key, version)
        """,
    )
    append_only("kernel.feature_flag")
    op.execute(
        "COMMENT ON TABLE kernel.feature_flag IS"
        " 'how feature flags were set: by each tenant for itself, and for all of them under the id of f only'"
    )
    op.execute("""
        CREATE FUNCTION kernel.present_flags() RETURNS jsonb LANGUAGE sql STABLE AS $$
            SELECT coalesce(jsonb_object_agg(key, jsonb_build_object(
                'version', version, 'setting', setting, 'changed_by', changed_by, 'changed_at', recorded_at)), '{}')
            FROM (SELECT DISTINCT ON (key) * FROM kernel.feature_flag ORDER BY key, version DESC) present
        $$
    """)
    op.execute(
        "COMMENT ON FUNCTION kernel.present_flags() IS 'the last setting of each flag that the tenant has set, by key'"
    )
    op.execute(f"""
        CREATE FUNCTION kernel.installation_flags() RETURNS jsonb LANGUAGE plpgsql AS $$
        DECLARE tenant text := current_setting('app.tenant_id', true); flags jsonb;
        BEGIN
            PERFORM set_config('app.tenant_id', '{_INSTALLATION}', true);
            flags := kernel.present_flags();
            PERFORM set_config('app.tenant_id', coalesce(tenant, ''), true);
            RETURN flags;
        END $$
    """)
    op.execute(
        "COMMENT ON FUNCTION kernel.installation_flags() IS"
        " 'the last setting of each flag for the whole installation, by key, whatever tenant asks'"
    )
    _open(
        f"""
            PERFORM set_config('app.tenant_id', '{_INSTALLATION}', true);
            SELECT coalesce(max(f.change), 0) INTO installation FROM kernel.feature_flag f;
        """,
        "t.configuration_version + installation",
    )


def _open(before: str, configuration_version: str) -> None:
    """Begin requests as before, but for the version of the set-up: both its parts only ever rise."""
    op.execute(f"""
        CREATE OR REPLACE FUNCTION kernel.open(tenant text, instant text, actor text, idempotency_key text)
        RETURNS TABLE (name text, status text, configuration_version bigint, actor_version integer,
                       request_hash text, response_status smallint, response_body text)
        LANGUAGE plpgsql AS $$
        DECLARE installation bigint := 0;
        BEGIN
            {before}
            PERFORM set_config('app.tenant_id', tenant, true), set_config('app.now', instant, true);
            IF idempotency_key IS NOT NULL THEN
                PERFORM set_config('lock_timeout', '10s', true);
                PERFORM pg_advisory_xact_lock(hashtextextended(tenant || ' ' || idempotency_key, 0));
            END IF;
            RETURN QUERY
                SELECT t.name, t.status, {configuration_version},
                       (SELECT d.version FROM kernel.document d
                        WHERE d.id = cast(actor AS uuid) AND d.status = 'active'
                          AND coalesce((d.data->>'expires_at')::timestamptz > instant::timestamptz, true)),
                       i.request_hash, i.status, i.body
                FROM (SELECT 1) AS one
                LEFT JOIN kernel.tenant t ON true
                LEFT JOIN kernel.idempotency i ON i.key = idempotency_key;
        END $$
    """)


def downgrade() -> None:
    _open("", "t.configuration_version")
    op.execute("DROP FUNCTION kernel.installation_flags()")
    op.execute("DROP FUNCTION kernel.present_flags()")
    op.execute("DROP TABLE kernel.feature_flag")
