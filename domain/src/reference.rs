//! Reference data: what staff keep and every start is decided by: clients, agreement types with their texts, auth rules,
//! SMS templates.
//!
//! It changes a few times a day and is needed at every request, so a process keeps it in memory and asks only whether
//! its **version** still stands: one number, which the database itself moves on in the very transaction that changes any
//! of it, so that no writer can forget to. The question is asked anew for everybody: what [`current`] gives was true
//! after it was called, on whatever process the change was made. Who asks while a look is under way shares the next one
//! with all who wait, so thousands of requests a second cost some hundreds of small reads.
//!
//! A cache that trusts itself for a second would be simpler by ten lines, and a client that was shut out would be in for
//! that second.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement, prelude::*};
use tokio::sync::Mutex;

use crate::{
    App,
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    client::{self, Client},
    db::answered,
    decision::overview::Overview,
    error::{Error, Result},
    ids::{AgreementTypeId, ClientId},
    selector::Choices,
    sms::entity::sms_template,
    terms::TemplateStatus,
};

/// The reference data under one version.
pub struct Reference {
    version: i64,
    clients: HashMap<ClientId, Arc<Client>>,
    /// By code, each with the newest version of its documents, in order.
    agreements: Vec<Agreement>,
    /// The enabled rules.
    pub auth_rules: Choices<auth_rule::Model>,
    /// The enabled templates.
    pub sms_templates: Choices<sms_template::Model>,
    overview: OnceLock<Overview>,
}

/// An agreement type and the current texts of its documents, in order.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The type.
    pub kind: Arc<agreement_type::Model>,
    /// The texts; none when nothing was published yet.
    pub texts: Vec<Arc<agreement_template::Model>>,
}

impl Reference {
    /// A client, enabled or not.
    pub fn client(&self, id: ClientId) -> Option<&Arc<Client>> {
        self.clients.get(&id)
    }

    /// All agreement types, by code.
    pub fn agreements(&self) -> &[Agreement] {
        &self.agreements
    }

    /// An agreement type, enabled or not.
    pub fn agreement(&self, id: AgreementTypeId) -> Option<&Agreement> {
        self.agreements.iter().find(|agreement| agreement.kind.id == id)
    }

    /// Whether there is an agreement type of this code, enabled or not.
    pub fn has_agreement(&self, code: &str) -> bool {
        self.agreements.iter().any(|agreement| agreement.kind.code == code)
    }

    /// All decisions at once. Made when somebody asks first, and then kept as long as the data themselves.
    pub fn overview(&self) -> &Overview {
        self.overview.get_or_init(|| Overview::of(&self.agreements, &self.auth_rules, &self.sms_templates))
    }
}

/// What a process knows of the reference data, and whom it has answered.
#[derive(Default)]
pub struct Keeper {
    /// Questions put so far.
    asked: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Every question up to this one was put before the newest look began, and is answered by it.
    answered: u64,
    /// Whether that look failed.
    failed: bool,
    known: Option<Arc<Reference>>,
}

/// The reference data as it stands now.
pub async fn current(app: &App) -> Result<Arc<Reference>> {
    let question = app.reference.asked.fetch_add(1, Ordering::SeqCst) + 1;
    let mut kept = app.reference.kept.lock().await;
    if kept.answered < question {
        let up_to = app.reference.asked.load(Ordering::SeqCst);
        let looked = answered(look(app, kept.known.as_deref())).await;
        kept.answered = up_to;
        kept.failed = looked.is_err();
        if let Some(newer) = looked? {
            kept.known = Some(Arc::new(newer));
        }
    }
    // Those who waited fail with the one who looked: a database that is away isn't asked by each of them in turn.
    let known = kept.known.as_ref().filter(|_| !kept.failed);
    known.cloned().ok_or_else(|| Error::internal("the reference data can't be read"))
}

/// What is newer than what is known, if anything is.
async fn look(app: &App, known: Option<&Reference>) -> Result<Option<Reference>> {
    let db = app.db.read();
    let question = Statement::from_string(db.get_database_backend(), "select version from reference_version");
    let row = db.query_one_raw(question).await?.ok_or_else(|| Error::internal("reference_version has no row"))?;
    let version: i64 = row.try_get_by_index(0)?;
    if known.is_some_and(|known| known.version == version) {
        return Ok(None);
    }
    // Read after its version: should it change in between, it is known under the older one and read again next time.
    Ok(Some(read(db, version).await?))
}

async fn read(db: &impl ConnectionTrait, version: i64) -> Result<Reference> {
    let clients = client::entity::client::Entity::find().all(db).await?;
    let types = agreement_type::Entity::find().order_by_asc(agreement_type::Column::Code).all(db).await?;
    let mut texts = current_texts(db).await?;
    let rules = auth_rule::Entity::find().filter(auth_rule::Column::Enabled.eq(true)).all(db).await?;
    let templates =
        sms_template::Entity::find().filter(sms_template::Column::Status.eq(TemplateStatus::Enabled)).all(db).await?;
    Ok(Reference {
        version,
        clients: clients.into_iter().map(|client| (client.id, Arc::new(client))).collect(),
        agreements: types
            .into_iter()
            .map(|kind| Agreement { texts: texts.remove(&kind.id).unwrap_or_default(), kind: Arc::new(kind) })
            .collect(),
        auth_rules: Choices::new(rules),
        sms_templates: Choices::new(templates),
        overview: OnceLock::new(),
    })
}

/// The newest version of each document of each type, in order.
async fn current_texts(
    db: &impl ConnectionTrait,
) -> Result<HashMap<AgreementTypeId, Vec<Arc<agreement_template::Model>>>> {
    let all = agreement_template::Entity::find().order_by_asc(agreement_template::Column::Version).all(db).await?;
    let newest: BTreeMap<_, _> =
        all.into_iter().map(|text| ((text.agreement_type_id, text.document_name.clone()), text)).collect();
    let mut texts: HashMap<_, Vec<_>> = HashMap::new();
    for text in newest.into_values() {
        texts.entry(text.agreement_type_id).or_default().push(Arc::new(text));
    }
    for documents in texts.values_mut() {
        documents.sort_by(|a, b| (a.position, &a.document_name).cmp(&(b.position, &b.document_name)));
    }
    Ok(texts)
}
