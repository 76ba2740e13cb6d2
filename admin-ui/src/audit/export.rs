//! `GET /admin/audit.csv`: what the filter finds, as a table for other programs.

use axum::{http::header, response::IntoResponse};
use esign_domain::audit::{self, entity::Model};
use esign_web::moment::in_china;
use serde_json::Value;

use super::filter;
use crate::visit::{Answer, Visit};

/// The most rows of a table; who needs more narrows the time.
const MOST: usize = 20_000;
/// So many are read at a time.
const BATCH: u64 = 500;

/// `GET /admin/audit.csv`.
pub async fn download(visit: Visit) -> Answer {
    let mut table = String::from("\u{feff}time,actor,action,target,before,after,ip\r\n");
    let (mut after, mut rows) = (None, 0);
    loop {
        let (entries, more) = audit::list(visit.app(), visit.caller(), filter::of(visit.query()), after, BATCH).await?;
        after = entries.last().map(|entry| entry.id);
        rows += entries.len();
        for entry in &entries {
            table.push_str(&row(entry));
        }
        if !more || rows >= MOST {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, table).into_response())
}

fn row(entry: &Model) -> String {
    let json = |side: &Option<Value>| side.as_ref().map(Value::to_string).unwrap_or_default();
    let at = in_china(entry.at).format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string();
    let (before, after, ip) = (json(&entry.before), json(&entry.after), entry.ip.clone().unwrap_or_default());
    let cells = [&at, &entry.actor, &entry.action, &entry.target, &before, &after, &ip];
    cells.map(|text| cell(text)).join(",") + "\r\n"
}

/// A cell (RFC 4180). One that a spreadsheet would run is made a text by an apostrophe.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_a_text_whatever_stands_in_it() {
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    }
}
