//! The list of flows as a table to take away: the verb behind the console's export.
//!
//! What is taken away can't be called back, so it says less than a page does: people are masked whoever asks, there are at
//! most [`MOST`] rows, and the audit log keeps who took what. It is made while it is sent, a piece at a time, so that it
//! costs the memory of a piece. A cell that a spreadsheet would take for a formula is marked as text.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use futures_util::{Stream, stream};
use serde_json::{Value, json};

use super::{
    entity::sign_flow,
    query::{self, FlowFilter, FlowKey, Order, Slice},
    secret,
};
use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    error::Result,
    reference,
    words::Lang,
};

/// So many rows at most; the last line says when there would be more.
pub const MOST: u64 = 100_000;
/// So many rows are read at a time.
const PIECE: u64 = 1_000;
/// Spreadsheets know UTF-8 by it.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Times in a table are those of the people who read it.
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours");

/// The columns, by their words.
const COLUMNS: [&str; 18] = [
    "flowId",
    "flowNo",
    "client",
    "scene",
    "status",
    "failureCode",
    "subjectType",
    "subjectRole",
    "subjectNo",
    "subjectName",
    "mobile",
    "agreementType",
    "authType",
    "authStatus",
    "createdAt",
    "updatedAt",
    "expiresAt",
    "completedAt",
];

/// Writes the export down in the audit log, then gives it piece by piece as CSV (RFC 4180).
pub async fn export(
    app: Arc<App>,
    caller: &Caller,
    lang: Lang,
    filter: FlowFilter,
    order: Order,
) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
    caller.require(Operation::ExportSignFlows)?;
    let tx = app.write_tx().await?;
    let asked = asked(&filter);
    let target = "signFlows".to_owned();
    audit::record(
        &app,
        &tx,
        caller,
        Act { operation: Operation::ExportSignFlows, target, before: None, after: Some(&asked) },
    )
    .await?;
    app.commit(tx).await?;
    let begin = Some(Place { after: None, left: MOST });
    let table = Table { app, caller: caller.clone(), lang, filter, order };
    Ok(stream::try_unfold((table, begin), async |(table, place)| {
        let Some(place) = place else { return Ok(None) };
        let (text, next) = table.piece(&place).await?;
        Ok(Some((text, (table, next))))
    }))
}

/// Which rows were asked for, as the log keeps it: what is personal by its kind alone.
fn asked(filter: &FlowFilter) -> Value {
    let of_person = filter.personal.as_ref().map(|key| key.kind.as_str());
    let given = json!({
        "view": filter.view.as_str(),
        "statuses": filter.statuses,
        "scenes": filter.scenes,
        "id": filter.id,
        "recordId": filter.record_id,
        "number": filter.number,
        "person": of_person,
        "agreementType": filter.agreement_type,
        "authType": filter.auth_type,
        "failureCode": filter.failure_code,
        "client": filter.client_id,
        "createdFrom": filter.created_from,
        "createdTo": filter.created_to,
    });
    let Value::Object(given) = given else { return given };
    given.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

struct Table {
    app: Arc<App>,
    caller: Caller,
    lang: Lang,
    filter: FlowFilter,
    order: Order,
}

struct Place {
    after: Option<FlowKey>,
    left: u64,
}

impl Table {
    /// The rows after a place, and the place after them.
    async fn piece(&self, place: &Place) -> Result<(String, Option<Place>)> {
        let limit = place.left.min(PIECE);
        let slice = Slice { order: self.order, after: place.after, limit, ..Slice::default() };
        let (flows, more) = query::list(&self.app, &self.caller, &self.filter, slice).await?;
        let mut text = if place.after.is_none() { self.head() } else { String::new() };
        let ids: Vec<_> = flows.iter().map(|flow| flow.id).collect();
        let subjects = secret::subjects(&self.app, &ids).await?;
        let reference = reference::current(&self.app).await?;
        for flow in &flows {
            let subject = subjects.get(&flow.id);
            let person = subject.map(|subject| (subject.name_for(false), subject.mobile.masked())).unwrap_or_default();
            let client = reference.client(flow.client_id).map(|client| client.name.clone()).unwrap_or_default();
            push(&mut text, cells(flow, client, person));
        }
        let left = place.left - limit;
        if more && left == 0 {
            push(&mut text, [self.lang.say("export.more").replace("{}", &MOST.to_string())].into());
        }
        let next = flows
            .last()
            .filter(|_| more && left > 0)
            .map(|last| Place { after: Some(FlowKey::of(last, self.order)), left });
        Ok((text, next))
    }

    fn head(&self) -> String {
        let mut text = String::from(BYTE_ORDER_MARK);
        push(&mut text, COLUMNS.iter().map(|column| self.lang.say(&format!("export.{column}")).to_owned()).collect());
        text
    }
}

fn cells(flow: &sign_flow::Model, client: String, (name, mobile): (String, String)) -> Vec<String> {
    let time = |at: DateTime<Utc>| at.with_timezone(&CHINA).format("%Y-%m-%d %H:%M:%S").to_string();
    [
        flow.id.to_string(),
        flow.flow_no.clone(),
        client,
        flow.scene.to_string(),
        flow.status.to_string(),
        flow.failure_code.clone().unwrap_or_default(),
        flow.subject_type.to_string(),
        flow.subject_role.to_string(),
        flow.subject_no.clone(),
        name,
        mobile,
        flow.agreement_type.clone(),
        flow.auth_type.to_string(),
        flow.auth_status.to_string(),
        time(flow.created_at),
        time(flow.updated_at),
        time(flow.expires_at),
        flow.completed_at.map(time).unwrap_or_default(),
    ]
    .into()
}

fn push(text: &mut String, cells: Vec<String>) {
    let cells: Vec<String> = cells.into_iter().map(|value| cell(&value)).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// A value as a cell. What begins like a formula, also in the wide letters of an input method, begins with an apostrophe
/// instead: spreadsheets show such a cell as the text that it is.
fn cell(value: &str) -> String {
    let begins = value.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}']);
    let formula = begins.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains(['"', ',', '\n', '\r', '\t', '\'']) {
        return format!("\"{}\"", value.replace('"', "\"\""));
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (value, expected) in [
            ("MS2026-1", "MS2026-1"),
            ("=1+1", "\"'=1+1\""),
            ("+8613", "\"'+8613\""),
            ("-", "\"'-\""),
            ("@x", "\"'@x\""),
            ("\tx", "\"'\tx\""),
            (" =x", "\"' =x\""),
            ("＝x", "\"'＝x\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("", ""),
        ] {
            assert_eq!(cell(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_cell_is_text_and_stays_in_it(value in "\\PC{0,12}|[=+@,\"\t\r\n -]{1,6}") {
            let cell = cell(&value);
            let inner = match cell.strip_prefix('"') {
                Some(rest) => rest.strip_suffix('"').unwrap().replace("\"\"", "\u{0}"),
                None => cell.clone(),
            };
            prop_assert!(!inner.contains('"'));
            prop_assert!(cell.starts_with('"') || !cell.contains([',', '\r', '\n']));
            prop_assert!(!inner.trim_start().starts_with(['=', '+', '-', '@']), "{inner:?}");
        }
    }
}
