//! Rows on their way into PostgreSQL by `copy`: whole tables' worth in one stream.

use std::fmt::Write as _;

use sea_orm::{
    EntityTrait, IdenStatic, Iterable, ModelTrait, Value,
    sqlx::{Connection as _, PgConnection},
};

use crate::Failure;

/// A connection for `copy`.
pub struct Copy(PgConnection);

impl Copy {
    /// Opens one.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        PgConnection::connect(url).await.map(Self).map_err(|error| error.to_string())
    }

    /// Writes rows of one table, but for the columns that the database fills in itself.
    pub async fn write<E>(&mut self, rows: &[E::Model], filled_in: &[&str]) -> Result<(), Failure>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let columns: Vec<E::Column> =
            E::Column::iter().filter(|column| !filled_in.contains(&column.as_str())).collect();
        let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
        let mut text = String::new();
        for row in rows {
            for (place, column) in columns.iter().enumerate() {
                if place > 0 {
                    text.push('\t');
                }
                put(&mut text, row.get(*column))?;
            }
            text.push('\n');
        }
        let table = E::default().table_name().to_owned();
        let sql = format!("copy {table} ({}) from stdin", names.join(", "));
        let mut copy = self.0.copy_in_raw(&sql).await.map_err(|error| error.to_string())?;
        copy.send(text.into_bytes()).await.map_err(|error| error.to_string())?;
        copy.finish().await.map_err(|error| error.to_string())?;
        Ok(())
    }
}

fn put(text: &mut String, value: Value) -> Result<(), Failure> {
    let known = match value {
        Value::String(Some(value)) => escaped(text, &value),
        Value::Json(Some(value)) => escaped(text, &value.to_string()),
        Value::Bytes(Some(value)) => write!(text, "\\\\x{}", hex::encode(value)),
        Value::Uuid(Some(value)) => write!(text, "{value}"),
        Value::Bool(Some(value)) => write!(text, "{value}"),
        Value::Int(Some(value)) => write!(text, "{value}"),
        Value::BigInt(Some(value)) => write!(text, "{value}"),
        Value::ChronoDateTimeUtc(Some(value)) => write!(text, "{}", value.to_rfc3339()),
        Value::String(None)
        | Value::Json(None)
        | Value::Bytes(None)
        | Value::Uuid(None)
        | Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::ChronoDateTimeUtc(None) => write!(text, "\\N"),
        other => return Err(format!("no column of ours holds a {other:?}")),
    };
    known.map_err(|error| error.to_string())
}

fn escaped(text: &mut String, value: &str) -> std::fmt::Result {
    value.chars().try_for_each(|letter| match letter {
        '\\' => text.write_str("\\\\"),
        '\t' => text.write_str("\\t"),
        '\n' => text.write_str("\\n"),
        '\r' => text.write_str("\\r"),
        other => text.write_char(other),
    })
}
