//! Migrations: run by the owner of the schema, one replica at a time, before the service starts.

use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::Result;
use crate::problem::Problem;

const PLATFORM: EmbeddedMigrations = embed_migrations!("migrations");

/// Brings a service's schema up to date and hands its tables to the service's role, with row-level
/// security on every table that belongs to companies. `owner_url` may create the schema and the role. Returns the
/// migrations that were run, oldest first.
pub async fn migrate(
    owner_url: &str,
    service: &'static str,
    role: &str,
    own: Vec<EmbeddedMigrations>,
) -> Result<Vec<String>> {
    let url = owner_url.to_owned();
    let role = role.to_owned();
    tokio::task::spawn_blocking(move || migrate_blocking(&url, service, &role, own)).await.map_err(Problem::internal)?
}

fn migrate_blocking(url: &str, service: &str, role: &str, own: Vec<EmbeddedMigrations>) -> Result<Vec<String>> {
    let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(url).map_err(Problem::unavailable)?;
    // Replicas that start together must not migrate together.
    diesel::sql_query("select pg_advisory_lock(hashtext('steelyard migrations'))").execute(&mut conn)?;
    conn.batch_execute(&format!("create schema if not exists {service}; set search_path to {service};"))?;
    let mut ran = run(&mut conn, PLATFORM)?;
    for migrations in own {
        ran.extend(run(&mut conn, migrations)?);
    }
    conn.batch_execute(&protect(service, role))?;
    Ok(ran)
}

fn run(conn: &mut AsyncConnectionWrapper<AsyncPgConnection>, migrations: EmbeddedMigrations) -> Result<Vec<String>> {
    let versions = conn.run_pending_migrations(migrations).map_err(Problem::internal)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Grants and row-level security, from what tables there are: a new table cannot be forgotten.
fn protect(service: &str, role: &str) -> String {
    format!(
        r#"
do $$
declare
    name text;
begin
    if not exists (select from pg_roles where rolname = '{role}') then
        create role "{role}" login;
    end if;
    for name in
        select c.table_name from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = '{service}' and c.column_name = 'company_id' and t.table_type = 'BASE TABLE'
    loop
        execute format('alter table {service}.%I enable row level security', name);
        if not exists (select from pg_policies where schemaname = '{service}' and tablename = name and policyname = 'own_company') then
            -- Asked once a statement, and not for each row: hence the subqueries.
            execute format($policy$create policy own_company on {service}.%I using (
                company_id = (select nullif(nullif(current_setting('steelyard.company', true), '*'), '')::uuid)
                or (select current_setting('steelyard.company', true) = '*'))$policy$, name);
        end if;
        -- Its name while the company of each row was compared as text.
        execute format('drop policy if exists company on {service}.%I', name);
    end loop;
end $$;
grant usage on schema {service} to "{role}";
grant select, insert, update, delete on all tables in schema {service} to "{role}";
grant usage on all sequences in schema {service} to "{role}";
revoke update, delete, truncate on {service}.audit_entries, {service}.audit_seals from "{role}";
alter role "{role}" set search_path to {service};
"#
    )
}
