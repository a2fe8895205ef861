//! Columns with types of their own, so that a pupil's id cannot be compared with a group's, nor a day with a moment.
//!
//! Diesel knows a column by its SQL type. Each macro here declares such a type under the name of the Rust type that is
//! read from it and written to it; [`diesel::table!`] then uses that name, and [`TypedColumn`] compares.
//!
//! How they are stored: ids as the 16 bytes of a UUID, moments as microseconds since 1970 in UTC, days as ISO 8601
//! text, members of closed lists as their code.

use std::fmt;

use diesel::ExpressionMethods;
use diesel::backend::Backend;
use diesel::deserialize::FromSql;
use diesel::dsl::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
use diesel::expression::{AsExpression, TypedExpressionType};
pub use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Nullable, SqlType};
use diesel::sqlite::{Sqlite, SqliteValue};
use diesel::{deserialize, serialize};
use groeilijn_domain::audit::entry::{ActorKind, Outcome};
use groeilijn_domain::values::calendar::to_micros;
use jiff::Timestamp;
use jiff::civil::Date;

/// What a column holds is not what its type says: it was altered, or written by something else.
#[derive(Debug, thiserror::Error)]
#[error("a stored {0} cannot be read")]
pub struct Malformed(pub &'static str);

/// A value that a column of the SQL type `ST` holds: what [`TypedColumn`] compares it with.
#[diagnostic::on_unimplemented(message = "a column of `{ST}` does not hold `{Self}`")]
pub trait Stored<ST> {}

impl<T: Stored<ST>, ST> Stored<ST> for &T {}

impl<T: Stored<ST>, ST> Stored<Nullable<ST>> for Option<T> {}

/// One of the values that a column is compared with by `eq_any`.
#[derive(Debug, Clone, Copy)]
pub struct OneOf<V>(pub V);

impl<V: Stored<ST>, ST: SqlType + TypedExpressionType> AsExpression<ST> for OneOf<V> {
    type Expression = Bound<ST, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<V: ToSql<ST, DB>, ST, DB: Backend> ToSql<ST, DB> for OneOf<V>
where
    Self: fmt::Debug,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// A value as an expression, for where diesel wants one.
pub fn bound<ST: SqlType, V: Stored<ST>>(value: V) -> Bound<ST, V> {
    Bound::new(value)
}

/// What `eq` and its kin are to the columns of diesel's own types. Diesel's take what can be made an expression, which
/// only the crate of a type can say; these take what the column is declared to hold.
pub trait TypedColumn: ExpressionMethods + Sized
where
    Self::SqlType: SqlType,
{
    /// The column is this value; in an insert or an update, it becomes this value.
    fn is<V: Stored<Self::SqlType>>(self, value: V) -> Eq<Self, Bound<Self::SqlType, V>> {
        self.eq(Bound::new(value))
    }

    /// The column is another than this value.
    fn other_than<V: Stored<Self::SqlType>>(self, value: V) -> NotEq<Self, Bound<Self::SqlType, V>> {
        self.ne(Bound::new(value))
    }

    /// The column comes after this value.
    fn after<V: Stored<Self::SqlType>>(self, value: V) -> Gt<Self, Bound<Self::SqlType, V>> {
        self.gt(Bound::new(value))
    }

    /// The column comes before this value.
    fn before<V: Stored<Self::SqlType>>(self, value: V) -> Lt<Self, Bound<Self::SqlType, V>> {
        self.lt(Bound::new(value))
    }

    /// The column is this value or comes after it.
    fn from<V: Stored<Self::SqlType>>(self, value: V) -> GtEq<Self, Bound<Self::SqlType, V>> {
        self.ge(Bound::new(value))
    }

    /// The column is this value or comes before it.
    fn until<V: Stored<Self::SqlType>>(self, value: V) -> LtEq<Self, Bound<Self::SqlType, V>> {
        self.le(Bound::new(value))
    }
}

impl<E: ExpressionMethods + Sized> TypedColumn for E where E::SqlType: SqlType {}

/// Declares the SQL type of a column and ties it to a Rust type, whose `ToSql` and `FromSql` are given beside it.
#[macro_export]
#[doc(hidden)]
macro_rules! column_type {
    ($name:ident, $rust:ty, $sqlite:literal, $oid:literal, $array_oid:literal) => {
        #[doc = concat!("The SQL type of columns that hold `", stringify!($rust), "`.")]
        #[derive(Debug, Clone, Copy, Default, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
        #[diesel(sqlite_type(name = $sqlite), postgres_type(oid = $oid, array_oid = $array_oid))]
        pub struct $name;

        impl diesel::sql_types::SqlOrd for $name {}

        impl $crate::columns::Stored<$name> for $rust {}

        impl<DB: diesel::backend::Backend> diesel::Queryable<$name, DB> for $rust
        where
            Self: diesel::deserialize::FromSql<$name, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

/// Declares columns of ids: for each, a type of `groeilijn_domain::values::ids` with the same name.
#[macro_export]
macro_rules! id_columns {
    ($($name:ident)+) => {$(
        $crate::bytes_column!($name, groeilijn_domain::values::ids::$name);
    )+};
}

/// Declares a column of 16 bytes for a type with `as_bytes` and `from_slice`.
#[macro_export]
#[doc(hidden)]
macro_rules! bytes_column {
    ($name:ident, $rust:ty) => {
        $crate::column_type!($name, $rust, "Binary", 17, 1001);

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<$name, DB> for $rust
        where
            [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                <[u8] as diesel::serialize::ToSql<diesel::sql_types::Binary, DB>>::to_sql(
                    self.as_bytes().as_slice(),
                    out,
                )
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::sqlite::Sqlite> for $rust {
            fn from_sql(
                mut value: diesel::sqlite::SqliteValue<'_, '_, '_>,
            ) -> diesel::deserialize::Result<Self> {
                $crate::columns::IdBytes::read(value.read_blob(), stringify!($name))
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::pg::Pg> for $rust {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                $crate::columns::IdBytes::read(value.as_bytes(), stringify!($name))
            }
        }
    };
}

/// An id that is read from a column.
pub trait IdBytes: Sized + From<uuid::Uuid> {
    /// The id with these bytes.
    ///
    /// # Errors
    /// [`Malformed`] unless there are 16.
    fn read(bytes: &[u8], what: &'static str) -> deserialize::Result<Self> {
        Ok(uuid::Uuid::from_slice(bytes).map_err(|_| Malformed(what))?.into())
    }
}

impl<T: From<uuid::Uuid>> IdBytes for T {}

/// Declares columns of closed lists: for each, the path of a type with `code` and `from_code`.
#[macro_export]
macro_rules! code_columns {
    ($($name:ident: $rust:ty),+ $(,)?) => {$(
        $crate::column_type!($name, $rust, "Text", 25, 1009);

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<$name, DB> for $rust
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.code(), out)
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::sqlite::Sqlite> for $rust {
            fn from_sql(mut value: diesel::sqlite::SqliteValue<'_, '_, '_>) -> diesel::deserialize::Result<Self> {
                let malformed = || $crate::columns::Malformed(stringify!($name));
                Ok(<$rust>::from_code(value.read_text()).ok_or_else(malformed)?)
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::pg::Pg> for $rust {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let malformed = || $crate::columns::Malformed(stringify!($name));
                let text = std::str::from_utf8(value.as_bytes())?;
                Ok(<$rust>::from_code(text).ok_or_else(malformed)?)
            }
        }
    )+};
}

/// Declares columns of values that have one text form: for each, the path of a type with `Display`, and a function
/// that reads it from a `&str`.
#[macro_export]
macro_rules! text_columns {
    ($($name:ident: $rust:ty, $parse:expr);+ $(;)?) => {$(
        $crate::written_column!($name, $rust, |value| Ok(value.to_string()), $parse);
    )+};
}

/// Declares columns of texts that were parsed before they were kept: for each, the path of a type with `as_str`, and a
/// function that reads it from a `&str`.
#[macro_export]
macro_rules! parsed_columns {
    ($($name:ident: $rust:ty, $parse:expr);+ $(;)?) => {$(
        $crate::written_column!($name, $rust, |value| Ok(value.as_str().to_owned()), $parse);
    )+};
}

/// Declares columns of lists, kept as text with commas: for each, a collection, and a function each that writes one
/// of its members and reads it.
#[macro_export]
macro_rules! list_columns {
    ($($name:ident: $rust:ty, $write:expr, $parse:expr);+ $(;)?) => {$(
        $crate::written_column!(
            $name,
            $rust,
            |list| Ok(list.iter().map($write).collect::<Vec<_>>().join(",")),
            |text| text.split(',').filter(|member| !member.is_empty()).map($parse).collect()
        );
    )+};
}

/// Declares columns of values that are kept as a JSON document.
#[macro_export]
macro_rules! json_columns {
    ($($name:ident: $rust:ty),+ $(,)?) => {$(
        $crate::written_column!(
            $name,
            $rust,
            |value| Ok(serde_json::to_string(value)?),
            |text| serde_json::from_str(text).ok()
        );
    )+};
}

/// Declares a column of text for a type, with a function that writes it and one that reads it.
#[macro_export]
#[doc(hidden)]
macro_rules! written_column {
    ($name:ident, $rust:ty, $write:expr, $parse:expr) => {
        $crate::column_type!($name, $rust, "Text", 25, 1009);

        impl diesel::serialize::ToSql<$name, diesel::sqlite::Sqlite> for $rust {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                let write: $crate::columns::Write<$rust> = $write;
                out.set_value(write(self)?);
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<$name, diesel::pg::Pg> for $rust {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                let write: $crate::columns::Write<$rust> = $write;
                std::io::Write::write_all(out, write(self)?.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::sqlite::Sqlite> for $rust {
            fn from_sql(
                mut value: diesel::sqlite::SqliteValue<'_, '_, '_>,
            ) -> diesel::deserialize::Result<Self> {
                let parse: fn(&str) -> Option<$rust> = $parse;
                Ok(parse(value.read_text()).ok_or($crate::columns::Malformed(stringify!($name)))?)
            }
        }

        impl diesel::deserialize::FromSql<$name, diesel::pg::Pg> for $rust {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let parse: fn(&str) -> Option<$rust> = $parse;
                let text = std::str::from_utf8(value.as_bytes())?;
                Ok(parse(text).ok_or($crate::columns::Malformed(stringify!($name)))?)
            }
        }
    };
}

/// How a value is written as text.
pub type Write<T> = fn(&T) -> Result<String, Box<dyn std::error::Error + Send + Sync>>;

/// After which id a page begins: the last of the page before, or the nil id, which comes before all others.
pub fn page_start<I: From<uuid::Uuid>>(after: Option<I>) -> I {
    after.unwrap_or_else(|| uuid::Uuid::nil().into())
}

id_columns! { InstitutionId SessionId UserId }
bytes_column!(AnyId, uuid::Uuid);
code_columns! { EntryOutcome: Outcome, EntryActorKind: ActorKind }
text_columns! { Day: Date, |text| text.parse().ok() }
column_type!(Moment, Timestamp, "Long", 20, 1016);

impl ToSql<Moment, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(to_micros(*self).as_microsecond());
        Ok(IsNull::No)
    }
}

impl ToSql<Moment, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<BigInt, Pg>::to_sql(&to_micros(*self).as_microsecond(), &mut out.reborrow())
    }
}

impl FromSql<Moment, Sqlite> for Timestamp {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self::from_microsecond(value.read_long()).map_err(|_| Malformed("moment"))?)
    }
}

impl FromSql<Moment, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        Ok(Self::from_microsecond(micros).map_err(|_| Malformed("moment"))?)
    }
}
