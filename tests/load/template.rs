//! One real flow as its rows stand in the database, and statements that write more of the same.
//!
//! Nothing of the flow is written down here: the rows are read back after the server has made one, with every value as it
//! is. Only what must differ from flow to flow is made anew: ids, numbers, hashes that are looked up, times. So the
//! statements follow the code, whatever it comes to write.

use sea_orm::{DatabaseBackend, DatabaseConnection};
use serde_json::Value as Json;

use crate::{
    Failure,
    postgres::{all, connect, one, run},
};

/// Every table a start writes to, and the column by which a flow's rows are found.
const TABLES: [(&str, &str); 7] = [
    ("sign_flow", "id"),
    ("flow_secret", "flow_id"),
    ("h5_session", "flow_id"),
    ("seal_record", "flow_id"),
    ("flow_event", "flow_id"),
    ("sms_record", "flow_id"),
    ("job", "flow_id"),
];
/// Flows' numbers begin here, so that all have as many digits.
pub const FIRST: u64 = 1_000_000_000_000_000;

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// As it was read, as a literal of SQL.
    Literal(String),
    /// An id of this flow: the flow's own (0) or of one of its other rows.
    Id(u64),
    /// A text that ends in the flow's number; the beginning as it was read.
    Number(String),
    /// 32 bytes that look like a hash.
    Hash,
    /// So many seconds after now.
    After(i64),
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its table.
    pub table: &'static str,
    /// Its columns and what stands in them.
    pub columns: Vec<(String, Value)>,
}

/// All rows of one flow.
#[derive(Debug, Clone)]
pub struct Template(pub Vec<Row>);

impl Template {
    /// Reads the flow of this number back.
    pub async fn read(connection: &DatabaseConnection, flow_no: &str) -> Result<Self, Failure> {
        let sqlite = connection.get_database_backend() == DatabaseBackend::Sqlite;
        let id = if sqlite { "quote(id)" } else { "quote_literal(id::text)" };
        let id: String = one(connection, &format!("select {id} from sign_flow where flow_no = '{flow_no}'")).await?;
        let mut rows = Vec::new();
        for (table, key) in TABLES {
            let columns =
                if sqlite { columns_sqlite(connection, table).await? } else { columns(connection, table).await? };
            let values: Vec<String> = columns.iter().map(|(name, kind)| shown(sqlite, name, kind)).collect();
            let array = if sqlite { "json_array" } else { "json_build_array" };
            let sql = format!("select cast({array}({}) as text) from {table} where {key} = {id}", values.join(", "));
            for text in all(connection, &sql).await? {
                let values: Vec<Json> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                let number = rows.len() as u64;
                let pairs = columns.iter().zip(&values);
                let columns = pairs.map(|((name, kind), value)| (name.clone(), value_of(number, name, kind, value)));
                rows.push(Row { table, columns: columns.collect() });
            }
        }
        Ok(Self(rows))
    }

    /// One insert a row, with each value as `word` puts it.
    pub fn inserts(&self, word: &impl Fn(&Value) -> String) -> Vec<String> {
        self.0.iter().map(|row| format!("insert into {} values ({})", row.head(), row.values(word))).collect()
    }

    /// The same as one statement.
    pub fn as_one_statement(&self, word: &impl Fn(&Value) -> String) -> String {
        let inserts = self.inserts(word);
        let (last, others) = inserts.split_last().expect("a flow has rows");
        let others: Vec<String> =
            others.iter().enumerate().map(|(number, insert)| format!("row_{number} as ({insert})")).collect();
        format!("with {} {last}", others.join(", "))
    }

    /// Writes so many more flows, the first of them number 0.
    pub async fn multiply(&self, connection: &DatabaseConnection, count: u64) -> Result<(), Failure> {
        let word = |value: &Value| in_postgres(value, &format!("({FIRST} + n)"));
        for row in &self.0 {
            let series = format!("generate_series(0::bigint, {count} - 1) as n");
            run(connection, &format!("insert into {} select {} from {series}", row.head(), row.values(&word))).await?;
        }
        run(connection, "analyze").await
    }

    /// What it is made of, in words: how many rows of which table.
    pub fn words(&self) -> String {
        let counts = TABLES.iter().map(|(table, _)| (self.0.iter().filter(|row| row.table == *table).count(), table));
        let words: Vec<String> = counts.map(|(count, table)| format!("{count} {table}")).collect();
        words.join(", ")
    }

    /// The columns of a table, by name.
    pub fn columns_of(&self, table: &str) -> Vec<&str> {
        let row = self.0.iter().find(|row| row.table == table);
        row.into_iter().flat_map(|row| row.columns.iter().map(|(name, _)| name.as_str())).collect()
    }
}

impl Row {
    fn head(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        format!("{} ({})", self.table, names.join(", "))
    }

    fn values(&self, word: &impl Fn(&Value) -> String) -> String {
        let values: Vec<String> = self.columns.iter().map(|(_, value)| word(value)).collect();
        values.join(", ")
    }
}

/// How PostgreSQL makes a value from the flow's number, an expression of type bigint. An id's 19 digits are those of its
/// number: ids grow with time, as ours do.
pub fn in_postgres(value: &Value, number: &str) -> String {
    match value {
        Value::Literal(literal) => literal.clone(),
        Value::Id(row) => format!("('{ID_HEAD}' || ({number} * 100 + {row})::text)::uuid"),
        Value::Number(head) => format!("'{head}' || {number}::text"),
        Value::Hash => format!("sha256(int8send({number}))"),
        Value::After(0) => "now()".into(),
        Value::After(seconds) => format!("now() + interval '{seconds} seconds'"),
    }
}

/// What an id of 32 digits begins with, before the number's 18.
pub const ID_HEAD: &str = "00000000000000";

/// The id of the seeded flow of this number, as the API knows it.
pub fn flow_id(number: u64) -> String {
    let digits = format!("{ID_HEAD}{}", (FIRST + number) * 100);
    format!("flow_{}", [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]).join("-"))
}

/// Fills a database that stays with copies of its oldest flow, whose SMS must have been sent: nobody shall send so many.
pub async fn seed_for_later(url: &str, count: u64) -> Result<(), Failure> {
    let connection = connect(url).await?;
    let unsent: i64 =
        one(&connection, "select count(*) from job where kind = 'send_sms' and state <> 'completed'").await?;
    if unsent > 0 {
        return Err(format!("{unsent} messages are still to be sent"));
    }
    let known: String = one(&connection, "select flow_no from sign_flow order by created_at limit 1").await?;
    Template::read(&connection, &known).await?.multiply(&connection, count).await
}

/// Columns that the database doesn't fill in itself, and their types.
async fn columns(connection: &DatabaseConnection, table: &str) -> Result<Vec<(String, String)>, Failure> {
    let sql = format!(
        "select column_name || ' ' || udt_name from information_schema.columns where table_schema = 'public' \
         and table_name = '{table}' and column_default is null and is_identity = 'NO' order by ordinal_position"
    );
    Ok(pairs(all(connection, &sql).await?))
}

async fn columns_sqlite(connection: &DatabaseConnection, table: &str) -> Result<Vec<(String, String)>, Failure> {
    let sql = format!(
        "select name || ' ' || type from pragma_table_info('{table}') where not (pk = 1 and type = 'INTEGER') order by cid"
    );
    Ok(pairs(all(connection, &sql).await?))
}

fn pairs(lines: Vec<String>) -> Vec<(String, String)> {
    let split = |line: String| line.split_once(' ').map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    lines.into_iter().filter_map(split).collect()
}

/// How a column is read: as a literal; a time as seconds after the row was made.
fn shown(sqlite: bool, name: &str, kind: &str) -> String {
    match (sqlite, kind) {
        (true, _) => format!("quote({name})"),
        (false, "timestamptz") => {
            format!("extract(epoch from {name} - (select max(occurred_at) from flow_event))::bigint")
        }
        (false, _) => format!("quote_nullable({name}::text)"),
    }
}

fn value_of(row: u64, name: &str, kind: &str, value: &Json) -> Value {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(seconds) if kind == "timestamptz" => return Value::After(seconds.as_i64().unwrap_or_default()),
        Json::Null => "null".into(),
        other => other.to_string(),
    };
    if text.eq_ignore_ascii_case("null") {
        return Value::Literal(text);
    }
    match name {
        "id" => Value::Id(row),
        "flow_id" => Value::Id(0),
        "flow_no" | "subject_no" | "unique_key" => Value::Number(head(&text)),
        "mobile_hash" | "id_number_hash" | "account_hash" | "code_hash" => Value::Hash,
        _ => Value::Literal(text),
    }
}

/// The beginning of a text, its last 16 characters taken away for a number.
fn head(literal: &str) -> String {
    let text = literal.trim_matches('\'');
    text.chars().take(text.chars().count().saturating_sub(16)).collect()
}
