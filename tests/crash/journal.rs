//! The journals of the outside's stand-ins, read from their files: what reached the gateway and the auth system, whatever
//! the platform says of it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::Failure;

/// What the outside took.
pub struct Journal {
    messages: BTreeMap<String, Value>,
    challenges: BTreeMap<String, Value>,
}

impl Journal {
    /// Reads the journals below this data folder.
    pub fn read(data: &Path) -> Result<Self, Failure> {
        let read = |file: &str| records(&data.join("sandbox").join(file));
        Ok(Self { messages: read("sms-gateway.jsonl")?, challenges: read("auth-system.jsonl")? })
    }

    /// Messages to a number, by the sender's own ids.
    pub fn messages_to(&self, mobile: &str) -> Vec<&str> {
        let to = |message: &&Value| message["mobile"].as_str().is_some_and(|number| number.ends_with(mobile));
        self.messages.values().filter(to).filter_map(|message| message["id"].as_str()).collect()
    }

    /// Sends that were handed in again under an id the gateway knew: one that doesn't compare ids would have sent them
    /// twice.
    pub fn repeated_sends(&self) -> u64 {
        let handed_in = |message: &Value| message["handedIn"].as_u64().unwrap_or(1);
        self.messages.values().map(|message| handed_in(message).saturating_sub(1)).sum()
    }

    /// How many amounts each challenge of a flow has taken.
    pub fn amounts(&self, flow_no: &str) -> Vec<usize> {
        let end = format!("/{flow_no}");
        let of_flow = |challenge: &&Value| {
            let key = challenge["idempotency_key"].as_str().unwrap_or_default();
            key.split('#').next().is_some_and(|key| key.ends_with(&end))
        };
        let entries = |challenge: &Value| challenge["entries"].as_array().map_or(0, Vec::len);
        self.challenges.values().filter(of_flow).map(entries).collect()
    }
}

/// The last line of each record counts; a torn one is none.
fn records(file: &Path) -> Result<BTreeMap<String, Value>, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(lines.map(|record| (record["id"].as_str().unwrap_or_default().to_owned(), record)).collect())
}
