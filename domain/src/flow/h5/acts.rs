//! What all acts share, and the plainest of them: declining.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::{Value, json};

use super::link::{Visitor, enter};
use crate::{
    App,
    error::Result,
    flow::{
        cancel::reason_text,
        entity::{sign_flow, submission},
        machine::Event,
        transition::{Locked, lock},
    },
    ids::SubmissionId,
};

/// The text a person agreed to: its version and digest go into the evidence.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Version of the text.
    pub text_version: String,
    /// SHA-256 of the text as shown, hex.
    pub text_sha256: String,
}

impl Consent {
    pub(super) fn detail(&self, kind: &str) -> Value {
        json!({"kind": kind, "textVersion": self.text_version, "textSha256": self.text_sha256})
    }
}

/// Begins an act: the flow behind the link, locked. None: this very submission was done before.
pub(super) async fn begin<'a>(
    app: &'a App,
    code: &str,
    submission: SubmissionId,
    act: &str,
) -> Result<Option<Locked<'a>>> {
    let flow = enter(app, code).await?;
    let locked = lock(app, flow.id).await?;
    let row = submission::ActiveModel {
        id: Set(submission),
        flow_id: Set(flow.id),
        act: Set(act.to_owned()),
        created_at: Set(app.now()),
    };
    let new = submission::Entity::insert(row)
        .on_conflict(OnConflict::column(submission::Column::Id).do_nothing().to_owned())
        .exec_without_returning(&locked.tx)
        .await?;
    Ok((new > 0).then_some(locked))
}

/// The signer declines, with a reason.
pub async fn decline(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
    reason: &str,
) -> Result<sign_flow::Model> {
    let reason = reason_text(reason, "reason")?;
    let Some(mut locked) = begin(app, code, submission, "refusal").await? else { return enter(app, code).await };
    let mut private = visitor.private();
    private["reason"] = reason.into();
    let evidence = crate::event::chain::Evidence::with_private(json!({"by": "signatory"}), private);
    locked.apply(Event::Declined, evidence).await?;
    locked.commit().await
}
