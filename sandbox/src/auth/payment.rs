//! What a bank's app would show: the transfer of one payment challenge, and the list of all challenges.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};

use super::challenge::{AuthType, Challenge, Status};
use super::face::words;
use super::find;
use crate::page::html;
use crate::refusal::Refusal;
use crate::world::World;

/// How many challenges the list shows.
const SHOWN: usize = 100;

/// `GET payments/{id}`: the notice of the transfer.
pub(super) async fn show(State(world): State<Arc<World>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let challenge = find(&world, &id)?;
    let (Some(fen), Some(account)) = (challenge.amount, &challenge.masked_account) else {
        return Err(Refusal::not_found());
    };
    let amount = yuan(fen);
    let (bank, tail) = account.split_once(" ···· ").unwrap_or((account, ""));
    let values = [
        ("amount", amount.as_str()),
        ("bank", bank),
        ("tail", tail),
        ("time", &beijing(challenge.created_at)),
        ("status", words(challenge.status_at(world.now()))),
        ("left", &challenge.entries_left().unwrap_or_default().to_string()),
        ("until", &beijing(challenge.expires_at)),
    ];
    Ok(html::page(html::fill(html::PAYMENT, &values), ""))
}

/// `GET /sandbox/auth-system`: the newest challenges, newest first.
pub(super) async fn index(State(world): State<Arc<World>>) -> Response {
    let now = world.now();
    let rows: String = world.challenges.lock().iter().rev().take(SHOWN).map(|challenge| row(challenge, now)).collect();
    let rows = if rows.is_empty() { html::NO_CHALLENGE.to_owned() } else { rows };
    html::page(html::insert(html::CHALLENGES, "rows", &rows), "")
}

fn row(challenge: &Challenge, now: DateTime<Utc>) -> String {
    let (kind, folder) = match challenge.auth_type {
        AuthType::Payment => ("打款验证", "payments"),
        AuthType::Face => ("人脸验证", "face"),
    };
    let status = challenge.status_at(now);
    let values = [
        ("link", format!("/sandbox/auth-system/{folder}/{}", challenge.id)),
        ("key", challenge.idempotency_key.clone()),
        ("kind", kind.to_owned()),
        ("amount", challenge.amount.map_or_else(|| "–".to_owned(), |fen| format!("¥ {}", yuan(fen)))),
        ("tone", tone(status).to_owned()),
        ("status", words(status).to_owned()),
        ("time", beijing(challenge.created_at)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    html::fill(html::CHALLENGE, &values)
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Pending => "wait",
        Status::Processing => "busy",
        Status::Passed => "done",
        Status::Failed => "fail",
        Status::Expired => "warn",
    }
}

fn yuan(fen: u32) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// A moment as clocks in China show it, eight hours ahead of UTC.
fn beijing(moment: DateTime<Utc>) -> String {
    (moment + TimeDelta::hours(8)).format("%-m 月 %-d 日 %H:%M").to_string()
}
