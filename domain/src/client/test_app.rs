//! An app for tests of what never leaves the database: clients and staff.

use std::{ops::Deref, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use esign_config::{Profile, Settings, from_sources};
use esign_migration::Migrator;
use esign_sealing::{
    Checked, LaidOut, Layout, LayoutError, PdfReport, SealError, SealOrder, SealedPdf, Trial, VerifyError,
};
use object_store::memory::InMemory;
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;

use super::keyset::Keyset;
use crate::{
    App, Db, Wake,
    alert::Alerts,
    auth::port::{AuthSystem, AuthSystemFailure, ChallengeState, NewChallenge},
    clock::{ManualClock, Random},
    event::Tail,
    reference::Keeper,
    seal::port::Sealer,
    sms::breaker::Breakers,
    vault::Vault,
};

/// An app on a fresh database of its own, with a clock that stands still until it is moved.
pub(crate) struct TestApp {
    app: App,
    /// The app's clock.
    pub(crate) clock: Arc<ManualClock>,
    /// Holds the database, and goes with it.
    _folder: TempDir,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    /// A fresh one, in the sandbox profile.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Settings::shipped(Profile::Sandbox).merge(("data_dir", folder.path()));
        let settings = from_sources(shipped).unwrap();
        let db = Db::connect(&settings).await.unwrap();
        Migrator::up(db.write(), None).await.unwrap();
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let app = composed(settings, db, clock.clone());
        Self { app, clock, _folder: folder }
    }
}

fn composed(settings: Settings, db: Db, clock: Arc<ManualClock>) -> App {
    let random = Random::seeded(1);
    App {
        vault: Vault::new(&Vault::generate_ring(&random, "k1"), &Vault::generate_lookup(&random)).unwrap(),
        keyset: Keyset::generate(&random, DateTime::UNIX_EPOCH),
        gateways: Vec::new(),
        breakers: Breakers::default(),
        auth_system: Arc::new(NoOutside),
        sealer: Arc::new(NoOutside),
        blobs: Arc::new(InMemory::new()),
        reference: Keeper::default(),
        tail: Tail::default(),
        wake: Wake::default(),
        alerts: Alerts::default(),
        overviews: crate::flow::stats::Kept::default(),
        settings,
        db,
        clock,
        random,
    }
}

/// Clients and staff have no business outside; a test in which they do fails.
struct NoOutside;

#[async_trait]
impl AuthSystem for NoOutside {
    async fn create(&self, _: &NewChallenge) -> Result<ChallengeState, AuthSystemFailure> {
        unreachable!("no challenge is made here")
    }
    async fn submit_amount(&self, _: &str, _: &str, _: i64) -> Result<ChallengeState, AuthSystemFailure> {
        unreachable!("no amount is handed in here")
    }
    async fn state(&self, _: &str) -> Result<ChallengeState, AuthSystemFailure> {
        unreachable!("no challenge is asked about here")
    }
    async fn evidence(&self, _: &str) -> Result<Bytes, AuthSystemFailure> {
        unreachable!("no evidence is fetched here")
    }
    async fn cancel(&self, _: &str) -> Result<(), AuthSystemFailure> {
        unreachable!("no challenge is withdrawn here")
    }
}

#[async_trait]
impl Sealer for NoOutside {
    async fn lay_out(&self, _: &Layout) -> Result<LaidOut, LayoutError> {
        unreachable!("no text is laid out here")
    }
    async fn check(&self, _: &Trial) -> Result<Checked, LayoutError> {
        unreachable!("no text is tried here")
    }
    async fn seal(&self, _: &SealOrder<'_>) -> Result<SealedPdf, SealError> {
        unreachable!("nothing is sealed here")
    }
    fn verify(&self, _: &[u8], _: DateTime<Utc>) -> Result<PdfReport, VerifyError> {
        unreachable!("nothing is verified here")
    }
}
