//! What follows from a move, written in its transaction.
//!
//! Rows that the database's own guard looks at (seals) are written before the flow's row, everything else after it.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait, prelude::*};

use super::{
    machine::{Effect, State},
    result,
    transition::Locked,
};
use crate::{
    auth,
    error::Result,
    job::{self, Job},
    seal::entity::seal_record,
    terms::SealStatus,
};

/// Effects the flow's new state depends on.
pub(super) async fn before_state(locked: &Locked<'_>, after: &State, effects: &[Effect]) -> Result<()> {
    if effects.contains(&Effect::MarkDocuments) {
        mark_documents(locked, after.seal_status).await?;
    }
    Ok(())
}

/// Effects that follow from the new state.
pub(super) async fn after_state(locked: &mut Locked<'_>, effects: &[Effect]) -> Result<()> {
    for effect in effects {
        match effect {
            Effect::MarkDocuments => {}
            Effect::OpenAttempt => auth::attempt::open(locked).await?,
            Effect::WatchChallenge => auth::attempt::watch(locked).await?,
            Effect::WithdrawChallenge => auth::attempt::withdraw(locked).await?,
            Effect::FetchEvidence => auth::attempt::fetch_evidence(locked).await?,
            Effect::Seal => {
                let flow = locked.flow.id;
                enqueue(locked, Job::Seal { flow }, TimeDelta::zero()).await?;
            }
            Effect::IssueResult => result::issue(locked).await?,
        }
    }
    Ok(())
}

/// Writes a job of this flow.
pub async fn enqueue(locked: &Locked<'_>, job: Job, after: TimeDelta) -> Result<()> {
    let now = locked.app.now();
    job::enqueue(&locked.tx, job, Some(locked.flow.id), now, now + after).await
}

async fn mark_documents(locked: &Locked<'_>, status: SealStatus) -> Result<()> {
    let now = locked.app.now();
    let mut change = seal_record::ActiveModel { status: Set(status), updated_at: Set(now), ..Default::default() };
    match status {
        SealStatus::Signed => change.signed_at = Set(Some(now)),
        SealStatus::Sealed => change.sealed_at = Set(Some(now)),
        SealStatus::Pending | SealStatus::Failed => {}
    }
    seal_record::Entity::update_many()
        .set(change)
        .filter(seal_record::Column::FlowId.eq(locked.flow.id))
        .exec(&locked.tx)
        .await?;
    Ok(())
}
