//! The job that seals: make the files, read them back, verify them, and only then complete the flow.

use chrono::{DateTime, TimeDelta, Utc};
use esign_sealing::{Company, Ink, SealOrder};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{blob, document, entity::seal_record, query};
use crate::{
    App,
    alert::Alert,
    error::{Error, Result},
    event::chain::Evidence,
    flow::{
        entity::sign_flow,
        input::Subject,
        machine::Event,
        secret,
        transition::{Applied, lock},
    },
    ids::{FlowId, SealRecordId},
    job::Outcome,
    terms::{FlowStatus, SubjectType},
    vault::sha256_hex,
};

/// A sealed file that was read back and verified.
struct Finished {
    record: SealRecordId,
    blob: String,
    digest: String,
    level: String,
}

/// The job. It is tried again without end, at growing gaps; only staff give up.
pub async fn run(app: &App, id: FlowId) -> Result<Outcome> {
    let flow = sign_flow::Entity::find_by_id(id).one(app.db.read()).await?.ok_or(Error::NotFound)?;
    if flow.status != FlowStatus::Sealing {
        return Ok(Outcome::Done);
    }
    let records = query::of_flows(app, &[id]).await?;
    match seal_all(app, &flow, &records).await {
        Ok(finished) => complete(app, id, finished).await,
        Err(error) => failed(app, id, &error).await,
    }
}

async fn seal_all(app: &App, flow: &sign_flow::Model, records: &[seal_record::Model]) -> Result<Vec<Finished>> {
    let secrets = secret::row(app.db.read(), flow.id).await?;
    let subject = secret::open_input(app, &secrets)?.subject();
    let ink = secrets.ink.as_ref().ok_or_else(|| Error::internal("a signed flow has no handwriting"))?;
    let ink: Ink = serde_json::from_slice(&app.vault.open(&secret::place("ink", flow.id), ink)?)?;
    let mut finished = Vec::with_capacity(records.len());
    for record in records {
        match seal_one(app, flow, record, (&subject, &ink)).await {
            Ok(file) => finished.push(file),
            Err(error) => {
                forget(app, finished.iter().map(|file: &Finished| file.blob.as_str())).await?;
                return Err(error);
            }
        }
    }
    Ok(finished)
}

/// Deletes files nobody will refer to.
async fn forget(app: &App, blobs: impl Iterator<Item = &str>) -> Result<()> {
    for path in blobs {
        blob::delete(app, path).await?;
    }
    Ok(())
}

async fn seal_one(
    app: &App,
    flow: &sign_flow::Model,
    record: &seal_record::Model,
    (subject, ink): (&Subject, &Ink),
) -> Result<Finished> {
    let base_pdf = document::base_pdf(app, record).await?;
    let frozen = record.content_digest.as_deref().unwrap_or_default();
    if sha256_hex(&base_pdf) != frozen {
        return Err(Error::internal("the base PDF is not the one that was signed"));
    }
    let boxes = document::prepare(app, record).await?.boxes;
    let order = SealOrder {
        base_pdf: &base_pdf,
        boxes: &boxes,
        ink,
        signatory_name: subject.signer_name(),
        company: (subject.kind == SubjectType::Corporate)
            .then(|| Company { name: subject.name(), flow_no: &flow.flow_no }),
        reason: &record.document_name,
        signed_at: record.signed_at.unwrap_or(flow.updated_at),
        sealed_at: app.now(),
    };
    let sealed = app.sealer.seal(&order).await.map_err(Error::internal)?;
    let path = document::path(record, &format!("sealed-{}.pdf", &sealed.sha256_hex[..16]));
    blob::put(app, &path, &sealed.bytes).await?;
    let digest = match read_back(app, &path, frozen, app.now()).await {
        Ok(digest) => digest,
        Err(error) => {
            blob::delete(app, &path).await?;
            return Err(error);
        }
    };
    Ok(Finished { record: record.id, blob: path, digest, level: sealed.level.to_string() })
}

/// Reads the stored file and verifies every signature in it; gives its digest.
async fn read_back(app: &App, path: &str, frozen: &str, now: DateTime<Utc>) -> Result<String> {
    let stored = blob::get(app, path).await?.ok_or_else(|| Error::internal("the sealed file is not there"))?;
    let report = app.sealer.verify(&stored, now).map_err(Error::internal)?;
    if !report.intact || !report.trusted || report.content_digest != frozen || report.signatures.is_empty() {
        return Err(Error::internal(format!("the sealed file does not verify: {:?}", report.problems)));
    }
    Ok(report.file_digest)
}

/// Seals, result token and result in one transaction; a flow that has moved on meanwhile keeps nothing of ours.
async fn complete(app: &App, id: FlowId, finished: Vec<Finished>) -> Result<Outcome> {
    let mut locked = lock(app, id).await?;
    if locked.flow.status == FlowStatus::Sealing {
        for file in &finished {
            let change = seal_record::ActiveModel {
                id: Set(file.record),
                sealed_digest: Set(Some(file.digest.clone())),
                sealed_blob: Set(Some(file.blob.clone())),
                level: Set(Some(file.level.clone())),
                ..Default::default()
            };
            seal_record::Entity::update(change).exec(&locked.tx).await?;
        }
        let seals: Vec<_> =
            finished.iter().map(|file| json!({"sealRecordId": file.record, "sealedDigest": file.digest})).collect();
        if locked.apply(Event::Sealed, Evidence::facts(json!({"seals": seals}))).await? == Applied::Moved {
            locked.commit().await?;
            return Ok(Outcome::Done);
        }
    }
    let records = query::of_flows_in(&locked.tx, &[id]).await?;
    drop(locked);
    let kept = |blob: &String| records.iter().any(|record| record.sealed_blob.as_ref() == Some(blob));
    forget(app, finished.iter().map(|file| &file.blob).filter(|blob| !kept(blob)).map(String::as_str)).await?;
    Ok(Outcome::Done)
}

async fn failed(app: &App, id: FlowId, error: &Error) -> Result<Outcome> {
    let source = error.cause();
    tracing::error!(flow = %id, %error, source, "sealing failed");
    let mut locked = lock(app, id).await?;
    let failures = locked.seal_failures().await?;
    let evidence = Evidence::facts(json!({"code": error.code(), "failure": failures + 1}));
    if locked.apply(Event::SealFailed, evidence).await? == Applied::Kept {
        return Ok(Outcome::Done);
    }
    locked.commit().await?;
    app.alerts.raise(Alert::SealFailed, id);
    let gaps = &app.settings.flow.seal_retry_seconds;
    let gap = gaps.get(failures.min(gaps.len().saturating_sub(1))).copied().unwrap_or(60);
    Ok(Outcome::Retry(format!("{error} {source}"), TimeDelta::seconds(gap)))
}
