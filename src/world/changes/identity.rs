//! What a database needs so that its row changes can be followed: full old images, also of tables made later, and a
//! publication. Copied along when the database is cloned.

use sqlx::{AssertSqlSafe, PgPool};

use crate::world::error::WorldError;

/// The publication's name.
pub const PUBLICATION: &str = "partywall";

/// An UPDATE or DELETE on a published table without a key fails unless its identity is FULL, and without old images nobody
/// knows whose row it was. The function runs as superuser, since the application's role may make tables, too.
const PREPARE: &str = r"
CREATE SCHEMA IF NOT EXISTS partywall;
REVOKE ALL ON SCHEMA partywall FROM PUBLIC;

CREATE OR REPLACE FUNCTION partywall.identify() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT c.oid::regclass AS name
        FROM pg_event_trigger_ddl_commands() d
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relreplident <> 'f'
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', made.name);
    END LOOP;
END
$body$;

DROP EVENT TRIGGER IF EXISTS partywall_identify;
CREATE EVENT TRIGGER partywall_identify ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
    EXECUTE FUNCTION partywall.identify();
ALTER EVENT TRIGGER partywall_identify ENABLE ALWAYS;

DO $body$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT c.oid::regclass AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relreplident <> 'f'
          AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', old.name);
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'partywall') THEN
        -- A partition's rows are told as rows of the table that the application knows.
        CREATE PUBLICATION partywall FOR ALL TABLES WITH (publish_via_partition_root = true);
    END IF;
END
$body$;
";

/// Makes a database's row changes followable; done twice, it does nothing the second time.
pub async fn prepare(pool: &PgPool) -> Result<(), WorldError> {
    sqlx::raw_sql(AssertSqlSafe(PREPARE))
        .execute(pool)
        .await
        .map(|_| ())
        .map_err(WorldError::database("make row changes followable"))
}
