//! The auth system's own page for a face: instead of a camera, three buttons. 通过 passes, 不通过 fails, 离开 walks away and
//! leaves the challenge waiting. Each leads back to the address the platform gave.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::challenge::{AuthType, Challenge, Status};
use super::door::{later, origin};
use super::{find, outcome, update};
use crate::page::html;
use crate::refusal::Refusal;
use crate::world::World;

/// What the visitor chose.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Pass,
    Fail,
    Leave,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    act: Act,
}

/// `GET face/{id}`.
pub(super) async fn show(State(world): State<Arc<World>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let challenge = find_face(&world, &id)?;
    let status = challenge.status_at(world.now());
    let template = if status == Status::Pending { html::FACE } else { html::FACE_OVER };
    let page = html::fill(template, &[("id", &id), ("status", words(status)), ("back", &challenge.return_url)]);
    // Browsers hold the redirect after a form to the policy too, so the way back must be allowed by name.
    Ok(html::page(page, &origin(&challenge.return_url).unwrap_or_default()))
}

/// `POST face/{id}`, `act=pass|fail|leave`.
pub(super) async fn answer(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response, Refusal> {
    let return_url = find_face(&world, &id)?.return_url;
    let now = world.now();
    let settles_at = later(now, world.config.settle_after);
    let (challenge, has_moved) = update(&world, &id, |challenge| match answer.act {
        Act::Pass => challenge.pass_face(now, settles_at),
        Act::Fail => challenge.fail_face(now),
        Act::Leave => false,
    })?;
    if has_moved {
        outcome::follow(&world, &challenge);
    }
    Ok(Redirect::to(&return_url).into_response())
}

fn find_face(world: &World, id: &str) -> Result<Challenge, Refusal> {
    let challenge = find(world, id)?;
    if challenge.auth_type == AuthType::Face { Ok(challenge) } else { Err(Refusal::not_found()) }
}

/// A status in the words of the pages.
pub(super) fn words(status: Status) -> &'static str {
    match status {
        Status::Pending => "等待用户",
        Status::Processing => "核验中",
        Status::Passed => "已通过",
        Status::Failed => "未通过",
        Status::Expired => "已过期",
    }
}
