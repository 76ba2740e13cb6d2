//! A platform that has been in use for half a year: so many flows, spread over its clients, scenes, days and endings.
//!
//! A model of each kind of flow is started through the verbs, on a clock that is set; all others are its likeness with
//! another subject, another time and another end, sealed and chained by the platform's own code, so that every page can
//! show them. What a flow's row, its sealed input and its chain say is one story; most stories are told short. What lies
//! beside the flows in a platform that is used lies there too: jobs that wait, fail or were given up, those done in the
//! last days, and what staff did.

use std::path::Path;

use esign_domain::{
    audit,
    auth::entity::auth_record,
    event::entity::flow_event,
    flow::entity::{flow_secret, h5_session, sign_flow},
    job::entity::job,
    seal::entity::seal_record,
    sms::entity::sms_record,
};

use super::{
    copy::Copy,
    likeness::likeness,
    model::models,
    platform::{Platform, platform},
    story::began,
};
use crate::{Failure, postgres, say};

/// So many flows are written at a time.
const CHUNK: u64 = 4_000;

/// Rows that are written together.
#[derive(Default)]
pub struct Rows {
    pub flows: Vec<sign_flow::Model>,
    pub secrets: Vec<flow_secret::Model>,
    pub sessions: Vec<h5_session::Model>,
    pub seals: Vec<seal_record::Model>,
    pub events: Vec<flow_event::Model>,
    pub messages: Vec<sms_record::Model>,
    pub attempts: Vec<auth_record::Model>,
    pub jobs: Vec<job::Model>,
    pub acts: Vec<audit::entity::Model>,
}

/// Fills an empty database with so many flows.
pub async fn seed(folder: &Path, url: &str, count: u64) -> Result<Platform, Failure> {
    let platform = platform(folder, url).await?;
    let now = platform.app.now();
    platform.clock.set(began(0, count, now));
    let models = models(&platform.app).await?;
    let mut copy = Copy::open(url).await?;
    for first in (0..count).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
        let mut rows = Rows::default();
        for number in first..count.min(first + CHUNK) {
            let at = began(number, count, now);
            likeness(&platform, &models, number, (at, now), &mut rows)?;
        }
        rows.write(&mut copy).await?;
        if first % 100_000 == 0 {
            say(&format!("  {first} of {count} flows"));
        }
    }
    platform.clock.set(now);
    let connection = postgres::connect(url).await?;
    postgres::run(&connection, "vacuum analyze").await?;
    Ok(platform)
}

impl Rows {
    async fn write(self, copy: &mut Copy) -> Result<(), Failure> {
        copy.write::<sign_flow::Entity>(&self.flows, &[]).await?;
        copy.write::<flow_secret::Entity>(&self.secrets, &[]).await?;
        copy.write::<h5_session::Entity>(&self.sessions, &[]).await?;
        copy.write::<seal_record::Entity>(&self.seals, &[]).await?;
        copy.write::<flow_event::Entity>(&self.events, &["position"]).await?;
        copy.write::<sms_record::Entity>(&self.messages, &[]).await?;
        copy.write::<auth_record::Entity>(&self.attempts, &[]).await?;
        copy.write::<job::Entity>(&self.jobs, &["id"]).await?;
        copy.write::<audit::entity::Entity>(&self.acts, &["seq"]).await
    }
}
