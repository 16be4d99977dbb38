//! Statements in SQL, for what diesel's DSL cannot say, and column types that diesel and jiff share.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Text, Untyped};
pub use jiff_diesel::{Date, NullableDate, NullableTimestamp, Timestamp, ToDiesel};

/// How long others are kept from changing a row that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    None,
    /// It stays as it is until the transaction ends; others may work under the same lock.
    Share,
    /// Nobody else may change it, or hold on to it, until the transaction ends.
    Update,
}

impl Lock {
    /// The end of a `select`.
    pub fn clause(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Share => "for share",
            Self::Update => "for update",
        }
    }
}

/// A statement in SQL, which PostgreSQL prepares once a connection: it is known by its text. Made by
/// [`Tx::sql`](crate::Tx::sql). Without [`Sql::columns`] its rows are read by the names of their columns.
pub struct Sql<'b, Columns = Untyped> {
    query: BoxedSqlQuery<'b, Pg, SqlQuery>,
    columns: PhantomData<Columns>,
}

impl<'b> Sql<'b> {
    pub(crate) fn new(text: &str) -> Self {
        Self { query: diesel::sql_query(text).into_boxed(), columns: PhantomData }
    }

    /// The value of the next `$n`.
    pub fn bind<SqlType, Value>(self, value: Value) -> Self
    where
        Pg: HasSqlType<SqlType>,
        SqlType: Send + 'b,
        Value: ToSql<SqlType, Pg> + Send + 'b,
    {
        Self { query: self.query.bind::<SqlType, _>(value), columns: PhantomData }
    }

    /// The types of the columns, so that rows are read by their order: into a value, a tuple or what is `Queryable`.
    pub fn columns<Columns>(self) -> Sql<'b, Columns> {
        Sql { query: self.query, columns: PhantomData }
    }
}

impl<Columns> QueryFragment<Pg> for Sql<'_, Columns> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(pass)
    }

    // diesel takes SQL that it has not written for different at each call. Ours are constants.
    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Columns> QueryId for Sql<'_, Columns> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Columns> Query for Sql<'_, Columns> {
    type SqlType = Columns;
}

diesel::define_sql_function! {
    /// A text in small letters.
    fn lower(text: Text) -> Text;
}

/// A statement of diesel's whose text tells all there is to it. See [`Cached`].
pub struct CachedByText<Statement>(Statement);

/// diesel prepares updates, upserts and the insertion of a derived `Insertable` anew at each call, because these may
/// leave columns out. PostgreSQL knows a statement by its text, and so does the cache: what is cached this way is
/// prepared once a connection all the same.
pub trait Cached: Sized {
    fn cached(self) -> CachedByText<Self> {
        CachedByText(self)
    }
}

impl<Statement: QueryFragment<Pg>> Cached for Statement {}

impl<Statement: QueryFragment<Pg>> QueryFragment<Pg> for CachedByText<Statement> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Statement> QueryId for CachedByText<Statement> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Statement: Query> Query for CachedByText<Statement> {
    type SqlType = Statement::SqlType;
}

/// The rows of a list behind `after` in the order of a column, at most `limit` of them: one page of a list whose pages
/// are cut by key.
#[macro_export]
macro_rules! page {
    ($query:expr, $column:expr, $after:expr, $limit:expr) => {{
        let mut query = $query.into_boxed();
        if let Some(after) = $after {
            query = query.filter($column.gt(after));
        }
        query.order($column).limit($limit)
    }};
}

/// An enum that is stored as text, told as text in JSON, and has its texts in the OpenAPI document. The texts are taken as
/// tokens, because the derivation of the document does not read what a macro has taken as a literal.
#[macro_export]
macro_rules! stored_enum {
    ($(#[$about:meta])* $visibility:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:tt,)+ }) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            $crate::diesel::expression::AsExpression, $crate::diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = $crate::diesel::sql_types::Text)]
        $visibility enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::diesel::serialize::ToSql<$crate::diesel::sql_types::Text, $crate::diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut $crate::diesel::serialize::Output<'b, '_, $crate::diesel::pg::Pg>,
            ) -> $crate::diesel::serialize::Result {
                let text: &'static str = self.as_str();
                <str as $crate::diesel::serialize::ToSql<
                    $crate::diesel::sql_types::Text,
                    $crate::diesel::pg::Pg,
                >>::to_sql(text, out)
            }
        }

        impl $crate::diesel::deserialize::FromSql<$crate::diesel::sql_types::Text, $crate::diesel::pg::Pg> for $name {
            fn from_sql(bytes: $crate::diesel::pg::PgValue<'_>) -> $crate::diesel::deserialize::Result<Self> {
                match std::str::from_utf8(bytes.as_bytes())? {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("{} is no {}", other, stringify!($name)).into()),
                }
            }
        }
    };
}
