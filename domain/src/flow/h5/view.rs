//! Where the flow stands, for the person with the link.

use chrono::{DateTime, Utc};

use super::{authenticate::offers_payment, link::enter, reading::read_to_the_end};
use crate::{
    App,
    auth::{self, challenge::account_limited_until},
    error::{Error, Result},
    flow::{entity::sign_flow, input::Subject, secret, transition::state},
    reference,
    seal::{document, entity::seal_record, query},
    terms::{AuthStatus, AuthType, FlowStatus, SealStatus},
};

/// What the page shows; the value of `data-step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// 阅读
    Read,
    /// 签署
    Sign,
    /// 认证: the amount of the transfer.
    AuthPayment,
    /// 认证: the face, before or between tries.
    AuthFace,
    /// 处理中
    Wait,
    /// 完成
    Done,
    /// 失败
    Failed,
    /// 超时
    TimedOut,
    /// 撤销
    Cancelled,
}

impl Step {
    /// The name in the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sign => "sign",
            Self::AuthPayment => "auth-payment",
            Self::AuthFace => "auth-face",
            Self::Wait => "wait",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Everything a page needs.
pub struct SignerView {
    /// The flow.
    pub flow: sign_flow::Model,
    /// What to show.
    pub step: Step,
    /// Who asks.
    pub client_name: String,
    /// What is signed.
    pub agreement_name: String,
    /// Who signs; none once the person was erased.
    pub subject: Option<Subject>,
    /// The documents, in order.
    pub documents: Vec<DocumentView>,
    /// The current attempt at the auth system.
    pub auth: Option<AuthView>,
    /// Attempts left, the current one not counted as spent.
    pub attempts_left: i32,
    /// Why it ended, as a code.
    pub failure: Option<String>,
    /// Whether a typed name is allowed.
    pub allow_typed_name: bool,
    /// The least time a document must be read, in seconds.
    pub reading_seconds: u32,
    /// Whether payment verification is offered to who refuses face verification.
    pub offers_payment_instead: bool,
    /// Where the end page leads, with `flowId` and `status`.
    pub return_to: Option<String>,
}

/// One document.
pub struct DocumentView {
    /// From 1.
    pub position: i32,
    /// Name.
    pub name: String,
    /// Pages, in order; empty while it can't be laid out.
    pub pages: Vec<document::Page>,
    /// Whether it was read to its end.
    pub read: bool,
    /// Whether the sealed file can be downloaded.
    pub sealed: bool,
}

/// The current attempt.
pub struct AuthView {
    /// How.
    pub kind: AuthType,
    /// How it stands.
    pub status: AuthStatus,
    /// What the user may be told about the transfer.
    pub masked_account: Option<String>,
    /// Amounts that may still be typed.
    pub entries_left: Option<i32>,
    /// Whether the last amount was wrong.
    pub wrong_amount: bool,
    /// When the challenge ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the auth system's page is ready.
    pub face_ready: bool,
    /// The auth system's word on the last try.
    pub rejected_reason: Option<String>,
    /// Until when no amount is taken for this account.
    pub limited_until: Option<DateTime<Utc>>,
}

/// How often a flow that moves while it is looked at is looked at again.
const LOOKS: usize = 5;

/// Where the flow behind this link stands. Its rows are read one after the other; when the flow has moved meanwhile they
/// are read again, so that no page shows one half from before and the other from after.
pub async fn view(app: &App, code: &str) -> Result<SignerView> {
    let mut flow = enter(app, code).await?;
    for _ in 1..LOOKS {
        let events = flow.event_count;
        let view = look(app, flow).await?;
        flow = enter(app, code).await?;
        if flow.event_count == events {
            return Ok(view);
        }
    }
    look(app, flow).await
}

async fn look(app: &App, flow: sign_flow::Model) -> Result<SignerView> {
    let db = app.db.read();
    let reference = reference::current(app).await?;
    let client = reference.client(flow.client_id).ok_or(Error::NotFound)?;
    let agreement = reference.agreement(flow.agreement_type_id).ok_or(Error::NotFound)?;
    let records = query::of_flows(app, &[flow.id]).await?;
    let read = read_to_the_end(db, flow.id).await?;
    let all_read = records.iter().all(|record| read.contains(&record.position.into()));
    let auth = auth_view(app, &flow).await?;
    let attempts = client.settings.auth_attempts.unwrap_or(app.settings.flow.auth_attempts);
    let mut documents = Vec::with_capacity(records.len());
    for record in &records {
        documents.push(document_view(app, record, &read, needs_pages(flow.status)).await?);
    }
    Ok(SignerView {
        step: step(&flow, all_read, auth.as_ref()),
        client_name: client.name.clone(),
        agreement_name: agreement.kind.name.clone(),
        subject: secret::subjects(app, &[flow.id]).await?.remove(&flow.id),
        documents,
        auth,
        attempts_left: (attempts - flow.attempts_spent).max(0),
        failure: flow.failure_code.clone(),
        allow_typed_name: client.settings.allow_typed_name.unwrap_or(false),
        reading_seconds: app.settings.flow.reading_seconds_per_document,
        offers_payment_instead: offers_payment(app, &flow),
        return_to: return_to(&flow),
        flow,
    })
}

fn step(flow: &sign_flow::Model, all_read: bool, auth: Option<&AuthView>) -> Step {
    match flow.status {
        FlowStatus::Created | FlowStatus::PendingSign if all_read => Step::Sign,
        FlowStatus::Created | FlowStatus::PendingSign => Step::Read,
        FlowStatus::PendingAuth => auth_step(flow, auth),
        FlowStatus::Authenticating | FlowStatus::Sealing => Step::Wait,
        FlowStatus::Completed => Step::Done,
        FlowStatus::Failed => Step::Failed,
        FlowStatus::TimedOut => Step::TimedOut,
        FlowStatus::Cancelled => Step::Cancelled,
    }
}

fn auth_step(flow: &sign_flow::Model, auth: Option<&AuthView>) -> Step {
    let being_made = state(flow).attempt_is_open() && flow.auth_status == AuthStatus::NotStarted;
    match flow.auth_type {
        // The transfer's page shows only once its challenge exists, or when the user may ask for another.
        _ if being_made => Step::Wait,
        AuthType::FaceVerification => Step::AuthFace,
        AuthType::PaymentVerification if auth.is_some() => Step::AuthPayment,
        AuthType::PaymentVerification => Step::Wait,
    }
}

fn needs_pages(status: FlowStatus) -> bool {
    matches!(status, FlowStatus::Created | FlowStatus::PendingSign)
}

async fn document_view(app: &App, record: &seal_record::Model, read: &[i64], pages: bool) -> Result<DocumentView> {
    let pages = if pages {
        // A text that can't be laid out is told when the user signs; the page must come up all the same.
        document::prepare(app, record).await.map(|document| document.pages).unwrap_or_default()
    } else {
        Vec::new()
    };
    Ok(DocumentView {
        position: record.position,
        name: record.document_name.clone(),
        pages,
        read: read.contains(&record.position.into()),
        sealed: record.status == SealStatus::Sealed,
    })
}

async fn auth_view(app: &App, flow: &sign_flow::Model) -> Result<Option<AuthView>> {
    let db = app.db.read();
    let Some(record) = auth::query::current(db, flow).await? else { return Ok(None) };
    let limited_until = account_limited_until(app, db, &record).await?;
    Ok(Some(AuthView {
        kind: record.kind,
        status: record.status,
        wrong_amount: record.status == AuthStatus::Challenged
            && record.entries_left.is_some_and(|left| left < app.settings.auth.amount_entries),
        masked_account: record.masked_account,
        entries_left: record.entries_left,
        expires_at: record.expires_at,
        face_ready: record.face_url.is_some() && record.status == AuthStatus::Challenged,
        rejected_reason: record.rejected_reason,
        limited_until,
    }))
}

fn return_to(flow: &sign_flow::Model) -> Option<String> {
    let mut url = url::Url::parse(flow.return_url.as_ref()?).ok()?;
    url.query_pairs_mut().append_pair("flowId", &flow.id.to_string()).append_pair("status", flow.status.as_str());
    Some(url.into())
}

/// The picture of a page; none: no such page.
pub async fn page_svg(app: &App, code: &str, position: i32, page: usize) -> Result<Option<Vec<u8>>> {
    match record(app, code, position).await? {
        Some(record) => document::page_svg(app, &record, page).await,
        None => Ok(None),
    }
}

/// A document as a file, with its name: sealed once it is, else the one to be signed.
pub async fn document_pdf(app: &App, code: &str, position: i32) -> Result<Option<(String, Vec<u8>)>> {
    let Some(record) = record(app, code, position).await? else { return Ok(None) };
    let bytes = match query::sealed_pdf(app, &record).await? {
        Some(sealed) => sealed,
        None => document::base_pdf(app, &record).await?,
    };
    Ok(Some((record.document_name, bytes)))
}

async fn record(app: &App, code: &str, position: i32) -> Result<Option<seal_record::Model>> {
    let flow = enter(app, code).await?;
    Ok(query::of_flows(app, &[flow.id]).await?.into_iter().find(|record| record.position == position))
}
