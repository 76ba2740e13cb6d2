//! The platform of one story.

use std::{
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use esign_config::{Profile, Settings, from_sources};
use esign_domain::{
    App, Caller, Db, Wake,
    alert::Alerts,
    caller::{Scope, Scopes, scope_names},
    client::{Client, ClientInput, keyset::Keyset, register},
    clock::{ManualClock, Random},
    event::{Tail, entity::flow_event, tail},
    flow::{self, Started, entity::sign_flow, secret, stats::Kept},
    ids::FlowId,
    job::{self, entity::job as job_row},
    reference::Keeper,
    shipped,
    sms::{breaker::Breakers, port::SmsGateway},
    terms::FlowEventType,
    vault::Vault,
};
use esign_migration::Migrator;
use object_store::memory::InMemory;
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, prelude::*};
use sea_orm_migration::MigratorTrait;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    auth_system::FakeAuthSystem,
    database::TestDatabase,
    gateway::{self, FakeGateway},
    sealer::FakeSealer,
    signer::Signer,
    sound::{self, assert_all_sound},
};

/// A client of the platform, as a story holds it.
pub struct Account {
    /// The client.
    pub client: Client,
    /// Its secret.
    pub secret: String,
}

impl Account {
    /// The client as a caller with all its scopes.
    pub fn caller(&self) -> Caller {
        self.with_scopes(self.client.scopes.0.clone())
    }

    /// The client as a caller with these scopes.
    pub fn with_scopes(&self, scopes: Scopes) -> Caller {
        Caller::Client { id: self.client.id, code: self.client.code.clone(), scopes, from: None }
    }
}

/// The whole platform with everything outside played by fakes.
pub struct TestApp {
    app: Arc<App>,
    /// The clock. It stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// The first gateway, and in most stories the only one.
    pub gateway: Arc<FakeGateway>,
    /// The gateways behind it, in order.
    pub others: Vec<Arc<FakeGateway>>,
    /// The auth system.
    pub auth: Arc<FakeAuthSystem>,
    /// The sealer.
    pub sealer: Arc<FakeSealer>,
    /// Where documents are kept.
    pub blobs: Arc<InMemory>,
    /// A client with every scope.
    pub demo: Account,
    /// Another client with every scope.
    pub other: Account,
    pub(crate) router: Router,
    pumped: AtomicUsize,
    database: TestDatabase,
    folder: TempDir,
}

impl Deref for TestApp {
    type Target = Arc<App>;

    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

impl TestApp {
    /// As shipped, in the sandbox profile.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::compose(change, |_| FakeSealer::default(), Outlets::default()).await
    }

    /// With several gateways, in order; they stand in the settings, too.
    pub async fn with_gateways(gateways: Vec<FakeGateway>, change: impl FnOnce(&mut Settings)) -> Self {
        let outlets = Outlets { fakes: gateways.into_iter().map(Arc::new).collect(), real: Vec::new() };
        let kinds: Vec<_> = outlets.fakes.iter().map(|fake| fake.settings()).collect();
        let change = |settings: &mut Settings| {
            settings.sms.gateways = kinds;
            change(settings);
        };
        Self::compose(change, |_| FakeSealer::default(), outlets).await
    }

    /// With a real adapter in the place of the gateway.
    pub async fn with_adapter(adapter: Arc<dyn SmsGateway>) -> Self {
        let outlets = Outlets { real: vec![adapter], ..Outlets::default() };
        Self::compose(|_| {}, |_| FakeSealer::default(), outlets).await
    }

    /// With real layout, real seals and real verification.
    pub async fn with_real_sealing() -> Self {
        let sealer = |folder: &Path| FakeSealer::real(&folder.join("keys/seal"), start_of_time());
        Self::compose(|_| {}, sealer, Outlets::default()).await
    }

    async fn compose(
        change: impl FnOnce(&mut Settings),
        sealer: impl FnOnce(&Path) -> FakeSealer,
        outlets: Outlets,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let database = TestDatabase::create(folder.path()).await;
        let sources = Settings::shipped(Profile::Sandbox).merge(("data_dir", folder.path()));
        let mut settings =
            from_sources(sources.merge(("database.url", &database.url))).expect("what is shipped is right");
        settings.database.max_connections = 6;
        change(&mut settings);
        let world = World {
            clock: Arc::new(ManualClock::at(start_of_time())),
            outlets,
            auth: Arc::default(),
            sealer: Arc::new(sealer(folder.path())),
            blobs: Arc::new(InMemory::new()),
        };
        let app = world.process(settings, None).await;
        Migrator::up(app.db.write(), None).await.expect("the schema can be made");
        shipped::install(&app).await.expect("the shipped catalogue can be put in");
        tail::start(&app).await.expect("the tail can be started");
        let router = esign_api::wire::doors(&app, None, &CancellationToken::new()).expect("the doors can be made");
        let (demo, other) = (register(&app, "demo").await, register(&app, "other").await);
        let pumped = AtomicUsize::new(0);
        let World { clock, outlets, auth, sealer, blobs } = world;
        let mut others = outlets.fakes;
        let gateway = others.remove(0);
        Self { app, clock, gateway, others, auth, sealer, blobs, demo, other, router, pumped, database, folder }
    }

    /// Another process on the same database, with the same keys and the same world outside: replica number 1, 2, ….
    pub async fn replica(&self, number: u64) -> Arc<App> {
        let world = World {
            clock: self.clock.clone(),
            outlets: Outlets {
                fakes: [&self.gateway].into_iter().chain(&self.others).cloned().collect(),
                real: Vec::new(),
            },
            auth: self.auth.clone(),
            sealer: self.sealer.clone(),
            blobs: self.blobs.clone(),
        };
        world.process(self.settings.clone(), Some(number)).await
    }

    /// The folder with everything that is written, the SQLite file included.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The router, for a real socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Moves the clock. What becomes due runs with [`TestApp::run_jobs`].
    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Runs everything that is due, then serves what was committed to subscribers. Gives how many jobs ran.
    pub async fn run_jobs(&self) -> usize {
        let count = job::drain(&self.app).await.expect("jobs can be drained");
        self.pump().await;
        count
    }

    /// Moves the clock and runs what became due.
    pub async fn pass(&self, time: TimeDelta) -> usize {
        self.advance(time);
        self.run_jobs().await
    }

    /// Moves the clock from due time to due time, running what becomes due on the way, until this time has gone by.
    pub async fn live_through(&self, time: TimeDelta) {
        let end = self.now() + time;
        self.run_jobs().await;
        while let Some(next) = job::next_due(&self.app).await.expect("jobs can be read").filter(|next| *next <= end) {
            self.clock.advance_to(next);
            self.run_jobs().await;
        }
        self.clock.advance_to(end);
    }

    /// Serves subscribers everything that was committed. PostgreSQL shows the tail only what lies below the oldest
    /// transaction of the whole server, so while other stories write there it may need more than one look.
    pub async fn pump(&self) {
        loop {
            let new = tail::pump(&self.app).await.expect("the log can be tailed");
            let served = self.pumped.fetch_add(new, Ordering::Relaxed) + new;
            let committed = flow_event::Entity::find().count(self.db.read()).await.expect("events can be read");
            if served as u64 >= committed {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Starts a flow as the demo client.
    pub async fn start(&self, input: Value) -> sign_flow::Model {
        let started = self.try_start(input).await.expect("the flow starts");
        assert!(!started.replayed);
        started.flow
    }

    /// Tries to.
    pub async fn try_start(&self, input: Value) -> esign_domain::Result<Started> {
        self.try_start_as(&self.demo, input).await
    }

    /// Tries to, as another client.
    pub async fn try_start_as(&self, account: &Account, input: Value) -> esign_domain::Result<Started> {
        let input = serde_json::from_value(input).expect("an input of the contract");
        flow::start(self, &account.caller(), input).await
    }

    /// Starts a flow, lets its SMS go out and has it signed; gives its id. What follows is due and not run.
    pub async fn sign(&self, input: Value) -> FlowId {
        let id = self.start(input).await.id;
        self.run_jobs().await;
        self.signer(id).await.sign().await.expect("the signer signs");
        id
    }

    /// The person with a flow's link.
    pub async fn signer(&self, id: FlowId) -> Signer<'_> {
        let code = secret::link_code(self, self.db.read(), id).await.expect("the flow has a link");
        Signer::new(self, code.expose().to_owned())
    }

    /// A flow as it stands.
    pub async fn flow(&self, id: FlowId) -> sign_flow::Model {
        sign_flow::Entity::find_by_id(id).one(self.db.read()).await.expect("flows can be read").expect("it exists")
    }

    /// Where a flow stands: its status, and its failure's code after a blank.
    pub async fn state(&self, id: FlowId) -> String {
        let flow = self.flow(id).await;
        match flow.failure_code {
            Some(code) => format!("{} {code}", flow.status),
            None => flow.status.to_string(),
        }
    }

    /// What happened to a flow, in order.
    pub async fn events(&self, id: FlowId) -> Vec<flow_event::Model> {
        let events = flow_event::Entity::find().filter(flow_event::Column::FlowId.eq(id));
        events.order_by_asc(flow_event::Column::Seq).all(self.db.read()).await.expect("events can be read")
    }

    /// The same by name.
    pub async fn history(&self, id: FlowId) -> Vec<FlowEventType> {
        self.events(id).await.into_iter().map(|event| event.kind).collect()
    }

    /// Waiting jobs of a kind and when they are due.
    pub async fn waiting(&self, kind: &str) -> Vec<DateTime<Utc>> {
        let jobs = job_row::Entity::find()
            .filter(job_row::Column::Kind.eq(kind))
            .filter(job_row::Column::State.eq("available"))
            .order_by_asc(job_row::Column::DueAt);
        jobs.all(self.db.read()).await.expect("jobs can be read").into_iter().map(|job| job.due_at).collect()
    }

    /// Checks one flow now; all are checked at the end of every story.
    pub async fn assert_sound(&self, id: FlowId) {
        sound::assert_sound(self.db.read(), id).await;
    }
}

/// Where messages go.
struct Outlets {
    /// At least one.
    fakes: Vec<Arc<FakeGateway>>,
    /// When there are any, the fakes are idle.
    real: Vec<Arc<dyn SmsGateway>>,
}

impl Default for Outlets {
    fn default() -> Self {
        Self { fakes: vec![Arc::new(FakeGateway::generic(gateway::NAME))], real: Vec::new() }
    }
}

impl Outlets {
    fn all(&self) -> Vec<Arc<dyn SmsGateway>> {
        if self.real.is_empty() {
            return self.fakes.iter().map(|fake| fake.clone() as Arc<dyn SmsGateway>).collect();
        }
        self.real.clone()
    }
}

/// Everything outside a process of the platform.
struct World {
    clock: Arc<ManualClock>,
    outlets: Outlets,
    auth: Arc<FakeAuthSystem>,
    sealer: Arc<FakeSealer>,
    blobs: Arc<InMemory>,
}

impl World {
    /// A process in this world. All have the same keys; a replica's other randomness is its own.
    async fn process(&self, settings: Settings, replica: Option<u64>) -> Arc<App> {
        let db = Db::connect(&settings).await.expect("the database can be reached");
        let random = Random::seeded(7);
        let ring = Vault::generate_ring(&random, "k1");
        let vault = Vault::new(&ring, &Vault::generate_lookup(&random)).expect("keys");
        let keyset = Keyset::generate(&random, start_of_time());
        Arc::new(App {
            vault,
            keyset,
            gateways: self.outlets.all(),
            breakers: Breakers::default(),
            auth_system: self.auth.clone(),
            sealer: self.sealer.clone(),
            blobs: self.blobs.clone(),
            reference: Keeper::default(),
            overviews: Kept::default(),
            tail: Tail::default(),
            wake: Wake::default(),
            alerts: Alerts::default(),
            clock: self.clock.clone(),
            settings,
            db,
            random: replica.map_or(random, |number| Random::seeded(1_000 + number)),
        })
    }
}

/// When every story begins.
pub fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

async fn register(app: &App, code: &str) -> Account {
    let new = ClientInput {
        code: code.into(),
        name: format!("{code} 商贸平台"),
        scopes: scope_names(&Scope::ALL.iter().copied().collect()),
        return_url_origins: Some(vec!["https://shop.example".into()]),
        ..ClientInput::default()
    };
    let made = register::register(app, &Caller::System, new).await.expect("a client can be made");
    Account { client: made.client, secret: made.secret.expose().to_owned() }
}

/// Looks at what a story leaves behind, on connections of its own: the story's may be in use.
async fn inspect(settings: &Settings, now: DateTime<Utc>) {
    let db = Db::connect(settings).await.expect("the database can be reached");
    let due = job_row::Entity::find()
        .filter(job_row::Column::State.ne("completed"))
        .filter(job_row::Column::State.ne("discarded"))
        .filter(job_row::Column::DueAt.lte(now))
        .all(db.read())
        .await
        .expect("jobs can be read");
    let left: Vec<_> = due.iter().map(|job| format!("{} {:?}", job.kind, job.last_error)).collect();
    assert!(left.is_empty(), "jobs are still due at the end of the story: {left:?}");
    assert_all_sound(db.read()).await;
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let (settings, now, database) = (self.settings.clone(), self.now(), self.database.clone());
        let failed = std::thread::panicking();
        let inspection = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let found = if failed {
                    Ok(())
                } else {
                    futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(inspect(&settings, now))).await
                };
                database.drop().await;
                if let Err(panic) = found {
                    std::panic::resume_unwind(panic);
                }
            });
        });
        let found = inspection.join();
        if let Err(panic) = found
            && !failed
        {
            std::panic::resume_unwind(panic);
        }
    }
}
