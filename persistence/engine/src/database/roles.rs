//! The two roles on PostgreSQL: the owner of the tables, who migrates, and the one that serves, which reads and writes
//! rows. An embedded database is its files' owner's, and has no roles.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::connection::AnyConnection;
use super::dialect;
use super::migrations::Schema;
use crate::error::{Error, Result};

const DATA: &str = include_str!("../../../../migrations/postgres/grants/data.sql");
const KEYS: &str = include_str!("../../../../migrations/postgres/grants/keys.sql");

/// What the present role is, as far as it must not be for serving.
#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Text)]
    name: String,
    /// A superuser, bound by nothing.
    #[diesel(sql_type = Bool)]
    superuser: bool,
    /// Not bound by row-level security.
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    /// May change the tables, or what keeps their rows.
    #[diesel(sql_type = Bool)]
    owner: bool,
}

/// With what it may become by SET ROLE, since whoever has its password has that too.
const STANDING: &str = "SELECT current_user::text AS name, \
    EXISTS (SELECT 1 FROM pg_roles WHERE rolsuper AND pg_has_role(oid, 'MEMBER')) AS superuser, \
    EXISTS (SELECT 1 FROM pg_roles WHERE rolbypassrls AND pg_has_role(oid, 'MEMBER')) AS bypasses, \
    EXISTS (SELECT 1 FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'MEMBER')) \
    OR EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND pg_has_role(relowner, 'MEMBER')) \
    AS owner";

/// Checks that the role of this connection may serve: that it is bound by row-level security and cannot change what is
/// only added to, nor the tables themselves.
///
/// # Errors
/// [`Error::Internal`], for the operator, with what to do.
pub fn check_server(connection: &mut AnyConnection) -> Result<()> {
    let AnyConnection::Postgres(connection) = connection else { return Ok(()) };
    let standing: Standing = sql_query(STANDING).get_result(connection)?;
    let wrong = if standing.superuser {
        "a superuser, or can become one"
    } else if standing.bypasses {
        "not bound by row-level security (BYPASSRLS)"
    } else if standing.owner {
        "the owner of the database or of its tables, or can become it"
    } else {
        return Ok(());
    };
    Err(Error::internal(format!(
        "the role {} is {wrong}, and must not serve: name another in the address, give it as `database.serve_role` to \
         `groeilijn migrate`, and run that as the owner (see \"PostgreSQL\" in the README)",
        standing.name
    )))
}

/// Gives the role `server` what it needs of the tables of `schema`, and nothing else, as their owner.
///
/// # Errors
/// [`Error::Internal`] when there is no such role, or it is the owner itself.
pub fn grant(connection: &mut AnyConnection, schema: Schema, server: &str) -> Result<()> {
    dialect::lock_migrations(connection)?;
    let granted = match connection {
        AnyConnection::Postgres(connection) => give(connection, schema, server),
        AnyConnection::Sqlite(_) => Ok(()),
    };
    dialect::unlock_migrations(connection)?;
    granted
}

fn give(connection: &mut PgConnection, schema: Schema, server: &str) -> Result<()> {
    #[derive(QueryableByName)]
    struct Role {
        #[diesel(sql_type = Bool)]
        own: bool,
    }
    let found: Vec<Role> = sql_query("SELECT rolname = current_user AS own FROM pg_roles WHERE rolname = $1")
        .bind::<Text, _>(server)
        .load(connection)?;
    match found.first() {
        None => {
            return Err(Error::internal(format!(
                "database.serve_role: there is no role {server}; make it with CREATE ROLE … LOGIN, or name another"
            )));
        }
        Some(Role { own: true }) => {
            return Err(Error::internal(format!(
                "database.serve_role: {server} is the role that serves; make and migrate the databases as their owner"
            )));
        }
        Some(Role { own: false }) => {}
    }
    sql_query("SELECT set_config('groeilijn.serve_role', $1, false)")
        .bind::<Text, _>(server)
        .execute(connection)?;
    connection.batch_execute(match schema {
        Schema::Data => DATA,
        Schema::Keys => KEYS,
    })?;
    Ok(())
}
