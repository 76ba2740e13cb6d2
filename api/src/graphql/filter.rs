//! Which flows a list holds.

use async_graphql::{ID, InputObject};
use esign_domain::{flow::query::FlowFilter, ids::ClientId};
use uuid::Uuid;

use super::{
    scalar::Moment,
    terms::{FlowStatus, Scene, twins},
};

/// Which flows. All given conditions hold together.
#[derive(Default, InputObject)]
pub struct SignFlowFilter {
    /// In one of these statuses.
    statuses: Option<Vec<FlowStatus>>,
    /// Of one of these scenes.
    scenes: Option<Vec<Scene>>,
    /// By the number of the subject's identity document, in full.
    id_document_number: Option<String>,
    /// By the auth system's id of a challenge.
    challenge_id: Option<String>,
    /// By a gateway's id of a message.
    gateway_message_id: Option<String>,
    /// By the id of a seal, auth or SMS record.
    record_id: Option<ID>,
    /// By agreement type.
    agreement_type: Option<String>,
    /// By the client's number of the subject.
    subject_no: Option<String>,
    /// By the mobile number of the person who signs, in full.
    mobile: Option<String>,
    /// Started at this moment or later.
    created_from: Option<Moment>,
    /// Started before this moment.
    created_to: Option<Moment>,
    /// Of this client.
    client_id: Option<ID>,
}

impl From<SignFlowFilter> for FlowFilter {
    fn from(given: SignFlowFilter) -> Self {
        Self {
            statuses: given.statuses.map(twins),
            scenes: given.scenes.map(twins),
            id_document_number: given.id_document_number,
            challenge_id: given.challenge_id,
            gateway_message_id: given.gateway_message_id,
            record_id: given.record_id.map(|id| uuid_of(&id)),
            agreement_type: given.agreement_type,
            subject_no: given.subject_no,
            mobile: given.mobile,
            created_from: given.created_from.map(|moment| moment.0),
            created_to: given.created_to.map(|moment| moment.0),
            client_id: given.client_id.map(|id| id.parse().unwrap_or(ClientId::new(Uuid::nil()))),
            ..Self::default()
        }
    }
}

/// The UUID of a record's id. What is no such id becomes the nil UUID, which no record has: it finds nothing.
fn uuid_of(id: &str) -> Uuid {
    let known = id.rsplit_once('_').filter(|(kind, _)| matches!(*kind, "seal" | "auth" | "sms"));
    known.and_then(|(_, uuid)| Uuid::try_parse(uuid).ok()).unwrap_or_default()
}
