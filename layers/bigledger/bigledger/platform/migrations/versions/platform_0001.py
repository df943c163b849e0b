"""What the authorizer asks: a key or a user of a tenant, with their permissions, in one statement each."""

from alembic import op

from bigledger.kernel.migrations.support import schema

revision = "platform_0001"
down_revision = None
branch_labels = ("platform",)
depends_on = "kernel_0001"
phase = "expand"


def upgrade() -> None:
    schema("platform")
    # The roles are gathered first: the comparison that is left is leakproof, so that row-level security lets the
    # index on the number serve it.
    op.execute("""
        CREATE FUNCTION platform.granted(holder text, given jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
            WITH role AS MATERIALIZED (
                SELECT number, data->'permissions' AS permissions, number || ' ' || holder AS holding
                FROM kernel.document WHERE type = 'role' AND status = 'active'),
            held AS (
                SELECT number, permissions FROM role
                WHERE jsonb_exists(given, role.number)
                   OR EXISTS (SELECT 1 FROM kernel.document a
                              WHERE a.type = 'role_assignment' AND a.number = role.holding AND a.status = 'active'
                                AND coalesce((a.data->>'expires_at')::timestamptz, 'infinity') > kernel.now()))
            SELECT jsonb_build_object(
                'roles', coalesce((SELECT jsonb_agg(number ORDER BY number) FROM held), '[]'),
                'permissions', coalesce((
                    SELECT jsonb_agg(DISTINCT permission ORDER BY permission)
                    FROM held, jsonb_array_elements_text(held.permissions) AS permission), '[]'))
        $$
    """)
    op.execute("""
        COMMENT ON FUNCTION platform.granted(text, jsonb) IS
        'the roles whose codes are given and those assigned to the holder and not expired, with all their permissions;
         a holder is written api_key:<id> or user:<subject>'
    """)
    op.execute("""
        CREATE FUNCTION platform.authorize_key(tenant text, instant text, digest text)
        RETURNS TABLE (id uuid, version integer, status text, present boolean, data text, granted text)
        LANGUAGE plpgsql AS $$
        DECLARE secret kernel.document; key kernel.document;
        BEGIN
            PERFORM set_config('app.tenant_id', tenant, true), set_config('app.now', instant, true);
            SELECT * INTO secret FROM kernel.document d WHERE d.type = 'api_key_secret' AND d.number = digest;
            IF NOT FOUND THEN RETURN; END IF;
            SELECT * INTO STRICT key FROM kernel.document d WHERE d.id = (secret.data->>'key_id')::uuid;
            RETURN QUERY SELECT key.id, key.version, key.status, secret.status = 'active', key.data::text,
                                platform.granted('api_key:' || key.id, key.data->'roles')::text;
        END $$
    """)
    op.execute("""
        COMMENT ON FUNCTION platform.authorize_key(text, text, text) IS
        'the key whose secret has this SHA-256, looked up as its tenant, and whether that is its present
         secret; no row when there is none'
    """)
    op.execute("""
        CREATE FUNCTION platform.authorize_user(tenant text, instant text, subject text, groups text)
        RETURNS TABLE (granted text)
        LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('app.tenant_id', tenant, true), set_config('app.now', instant, true);
            RETURN QUERY SELECT platform.granted('user:' || subject, cast(groups AS jsonb))::text FROM kernel.tenant;
        END $$
    """)
    op.execute("""
        COMMENT ON FUNCTION platform.authorize_user(text, text, text, text) IS
        'what a user of the user pool holds by their groups and assignments; no row when there is no such tenant'
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA platform CASCADE")
