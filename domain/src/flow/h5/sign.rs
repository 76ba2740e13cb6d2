//! Signing: the consent, the handwriting, and the digests that freeze what was signed.

use esign_sealing::Ink;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{
    acts::{Consent, begin},
    link::{Visitor, enter},
    reading::read_to_the_end,
};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        entity::{flow_secret, sign_flow},
        machine::Event,
        secret::place,
    },
    ids::SubmissionId,
    seal::{document, entity::seal_record, query},
    vault::sha256_hex,
};

/// Strokes and points of a handwriting: enough for any name, too few to be a burden.
const MOST_STROKES: usize = 200;
const MOST_POINTS: usize = 20_000;

/// The signer signs every document of the flow at once.
pub async fn sign(
    app: &App,
    code: &str,
    submission: SubmissionId,
    visitor: &Visitor,
    (ink, consent): (Ink, Consent),
) -> Result<sign_flow::Model> {
    let flow = enter(app, code).await?;
    check_ink(&ink)?;
    let records = query::of_flows(app, &[flow.id]).await?;
    // Laid out before the lock is taken: nothing slow happens inside the transaction.
    let digests = match content_digests(app, &records).await {
        Ok(digests) => digests,
        Err(Error::SignFailed) => return sign_failed(app, code, submission).await,
        Err(error) => return Err(error),
    };
    let Some(mut locked) = begin(app, code, submission, "signature").await? else { return enter(app, code).await };
    if matches!(ink, Ink::TypedName(_)) && !locked.client.settings.allow_typed_name.unwrap_or(false) {
        return Err(Error::field("signature", "a typed name is not allowed here"));
    }
    let read = read_to_the_end(&locked.tx, flow.id).await?;
    if records.iter().any(|record| !read.contains(&record.position.into())) {
        return Err(Error::state_conflict("NOT_READ"));
    }
    for (record, digest) in records.iter().zip(&digests) {
        let row = seal_record::ActiveModel {
            id: Set(record.id),
            content_digest: Set(Some(digest.clone())),
            ..Default::default()
        };
        seal_record::Entity::update(row).exec(&locked.tx).await?;
    }
    let ink_json = serde_json::to_vec(&ink)?;
    let secret = flow_secret::ActiveModel {
        flow_id: Set(flow.id),
        ink: Set(Some(app.vault.seal(&app.random, &place("ink", flow.id), &ink_json))),
        ..Default::default()
    };
    flow_secret::Entity::update(secret).exec(&locked.tx).await?;
    locked.apply(Event::Consented, visitor.evidence(consent.detail("AGREEMENT"))).await?;
    let documents: Vec<_> = records
        .iter()
        .zip(&digests)
        .map(|(record, digest)| json!({"sealRecordId": record.id, "contentDigest": digest}))
        .collect();
    let mut private = visitor.private();
    private["inkSha256"] = sha256_hex(&ink_json).into();
    let kind = if matches!(ink, Ink::TypedName(_)) { "TYPED_NAME" } else { "HANDWRITING" };
    let evidence = Evidence::with_private(json!({"documents": documents, "ink": kind}), private);
    locked.apply(Event::Signed, evidence).await?;
    locked.commit().await
}

async fn content_digests(app: &App, records: &[seal_record::Model]) -> Result<Vec<String>> {
    let mut digests = Vec::with_capacity(records.len());
    for record in records {
        document::prepare(app, record).await?;
        digests.push(sha256_hex(&document::base_pdf(app, record).await?));
    }
    Ok(digests)
}

/// The text could not be laid out: counted once a submission, alerted, and the user may try again.
async fn sign_failed(app: &App, code: &str, submission: SubmissionId) -> Result<sign_flow::Model> {
    let Some(mut locked) = begin(app, code, submission, "signature").await? else { return enter(app, code).await };
    app.alerts.raise(Alert::LayoutFailed, locked.flow.id);
    let evidence = Evidence::facts(json!({"failure": locked.flow.sign_failures + 1}));
    locked.apply(Event::SignFailed, evidence).await?;
    locked.commit().await?;
    Err(Error::SignFailed)
}

fn check_ink(ink: &Ink) -> Result<()> {
    let well = match ink {
        Ink::TypedName(name) => (1..=50).contains(&name.trim().chars().count()) && !name.chars().any(char::is_control),
        Ink::Strokes(strokes) => {
            let points: usize = strokes.iter().map(Vec::len).sum();
            let finite = strokes.iter().flatten().flatten().all(|value| value.is_finite() && value.abs() < 100_000.0);
            strokes.len() <= MOST_STROKES && points <= MOST_POINTS && finite && !is_a_dot(strokes)
        }
    };
    if well { Ok(()) } else { Err(Error::field("signature", "sign your name; a dot is not a signature")) }
}

/// Whether all strokes together are no larger than a dot.
fn is_a_dot(strokes: &[Vec<[f64; 2]>]) -> bool {
    let span = |axis: usize| {
        let values = strokes.iter().flatten().map(|point| point[axis]);
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    };
    strokes.iter().map(Vec::len).sum::<usize>() < 4 || (span(0) < 12.0 && span(1) < 12.0)
}
