//! The result of a flow and the token that proves it.
//!
//! Every terminal state gets one, in the transaction that ends the flow: claims without personal data and without the
//! credential, signed in process, verifiable by anyone with the published keys, for ever (no `exp`).

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, prelude::*};
use serde_json::json;

use super::{
    entity::{sign_flow, sign_result},
    transition::Locked,
};
use crate::{App, auth::entity::auth_record, client::Client, error::Result, ids::FlowId, seal::entity::seal_record};

/// Signs and writes the result of a flow that has just become terminal.
pub(super) async fn issue(locked: &Locked<'_>) -> Result<()> {
    let flow = &locked.flow;
    let seals = seal_record::Entity::find()
        .filter(seal_record::Column::FlowId.eq(flow.id))
        .order_by_asc(seal_record::Column::Position)
        .all(&locked.tx)
        .await?;
    let auth = auth_record::Entity::find()
        .filter(auth_record::Column::FlowId.eq(flow.id))
        .filter(auth_record::Column::Attempt.eq(flow.attempt))
        .one(&locked.tx)
        .await?;
    let row = signed(locked.app, &locked.client, flow, &seals, auth.as_ref());
    sign_result::Entity::insert(row).exec_without_returning(&locked.tx).await?;
    Ok(())
}

/// The result of a terminal flow, signed.
pub(super) fn signed(
    app: &App,
    client: &Client,
    flow: &sign_flow::Model,
    seals: &[seal_record::Model],
    auth: Option<&auth_record::Model>,
) -> sign_result::ActiveModel {
    let now = app.now();
    let evidence_digest = hex::encode(&flow.head_hash);
    let claims = json!({
        "iss": app.settings.server.public_url,
        "aud": client.code,
        "sub": flow.id,
        "iat": now.timestamp(),
        "jti": app.random.uuid(now).to_string(),
        "flow_no": flow.flow_no,
        "status": flow.status,
        "scene": flow.scene,
        "agreement_type": flow.agreement_type,
        "auth_type": flow.auth_type,
        "auth_record_id": auth.map(|auth| auth.id),
        "auth_credential_sha256": auth.and_then(|auth| auth.credential_sha256.clone()),
        "auth_valid_until": auth.and_then(|auth| auth.valid_until).map(|until| until.timestamp()),
        "failure_code": flow.failure_code,
        "seal_records": seals.iter().map(|seal| json!({
            "id": seal.id,
            "document_name": seal.document_name,
            "template_version": seal.template_version,
            "content_digest": seal.content_digest,
            "sealed_digest": seal.sealed_digest,
        })).collect::<Vec<_>>(),
        "evidence_digest": evidence_digest,
    });
    sign_result::ActiveModel {
        flow_id: Set(flow.id),
        token: Set(app.keyset.sign_result(&claims)),
        evidence_digest: Set(evidence_digest),
        created_at: Set(now),
    }
}

/// The result of a flow; none while it is under way.
pub async fn of(app: &App, id: FlowId) -> Result<Option<sign_result::Model>> {
    Ok(sign_result::Entity::find_by_id(id).one(app.db.read()).await?)
}
