//! Composition: settings become a running system. The only file that names adapters.
//!
//! [`compose`] puts the system together and touches neither the database nor the network but to connect; whoever serves
//! or administers calls [`crate::first_start`] next. [`doors`] is the whole router.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{Router, response::Redirect, routing::get};
use esign_config::{Profile, Settings, SmsGatewayKind};
use esign_domain::{
    App, Db, Wake,
    alert::Alerts,
    clock::{Clock, Random, SystemClock},
    event::Tail,
    flow::stats::Kept,
    reference::Keeper,
    sms::{breaker::Breakers, port::SmsGateway},
};
use esign_sandbox::{Sandbox, SandboxConfig};
use esign_sealing::FileSigner;
use object_store::local::LocalFileSystem;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    adapter::{
        alert_webhook::{self, AlertWebhook},
        auth_http::AuthHttp,
        sealer::LocalSealer,
        sms_aliyun::SmsAliyun,
        sms_http::SmsHttp,
        sms_tencent::SmsTencent,
    },
    callback, download, first_start, graphql,
    health::{self, Health, Metrics},
    http, keys, oauth, shield,
    trace::{self, Tracer},
    verify::page::{self, Desk},
};

/// The system and what of it must be ended in order.
pub struct Platform {
    /// What verbs are handed.
    pub app: Arc<App>,
    /// The layout processes.
    pub sealer: Arc<LocalSealer>,
}

/// Puts the system together, with the machine's clock and randomness. In the sandbox, keys that are missing are made.
pub async fn compose(settings: Settings) -> Result<Platform> {
    compose_with(settings, Arc::new(SystemClock), Random::from_system()).await
}

/// The same with a clock that may be moved and randomness that may repeat itself.
pub async fn compose_with(settings: Settings, clock: Arc<dyn Clock>, random: Random) -> Result<Platform> {
    first_start::make_data_dir(&settings.data_dir)?;
    let keys = keys::open(&settings, &random, clock.now())?;
    let signer =
        FileSigner::load(&keys.seal_key, &keys.seal_chain).context("the platform's signing key can't be used")?;
    let sealer = Arc::new(LocalSealer::new(&settings.sealing, signer, keys::roots(&settings)?));
    let blobs = LocalFileSystem::new_with_prefix(made(&settings.data_dir.join("blobs"))?)?;
    let db = Db::connect(&settings).await.context("the database can't be reached (database.url)")?;
    let auth_system = AuthHttp::new(&settings.auth, Arc::clone(&clock))?;
    let app = App {
        db,
        vault: keys.vault,
        keyset: keys.tokens,
        gateways: gateways(&settings, &clock)?,
        breakers: Breakers::default(),
        auth_system: Arc::new(auth_system),
        sealer: sealer.clone(),
        blobs: Arc::new(blobs),
        reference: Keeper::default(),
        overviews: Kept::default(),
        tail: Tail::default(),
        wake: Wake::default(),
        alerts: Alerts::default(),
        clock,
        random,
        settings,
    };
    Ok(Platform { app: Arc::new(app), sealer })
}

fn gateways(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Vec<Arc<dyn SmsGateway>>> {
    let timeout = Duration::from_secs(settings.sms.gateway_timeout_seconds);
    let open = |gateway: &esign_config::SmsGateway| -> Result<Arc<dyn SmsGateway>> {
        match gateway.kind {
            SmsGatewayKind::Http => Ok(Arc::new(SmsHttp::new(gateway.clone(), timeout)?)),
            // What makes its requests one of their kind must not repeat itself, whatever else does.
            SmsGatewayKind::Aliyun => {
                let random = Random::from_system();
                Ok(Arc::new(SmsAliyun::new(gateway.clone(), timeout, Arc::clone(clock), random)?))
            }
            SmsGatewayKind::Tencent => Ok(Arc::new(SmsTencent::new(gateway.clone(), timeout, Arc::clone(clock))?)),
        }
    };
    settings.sms.gateways.iter().map(open).collect()
}

fn made(folder: &Path) -> Result<&Path> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    Ok(folder)
}

/// What tells people about alerts, until `stop` turns true; none: nobody is to be told.
pub fn alerts(app: &Arc<App>, stop: watch::Receiver<bool>) -> Result<Option<impl Future<Output = ()> + Send + use<>>> {
    let Some(webhook) = AlertWebhook::of(app)? else { return Ok(None) };
    let raised = app.alerts.listen(alert_webhook::WAITING);
    Ok(raised.map(|raised| webhook.run(Arc::clone(app), raised, stop)))
}

/// The stand-ins of everything outside; in the sandbox only.
pub fn sandbox(app: &App) -> Result<Option<Sandbox>> {
    if app.settings.profile != Profile::Sandbox {
        return Ok(None);
    }
    let clock = Arc::clone(&app.clock);
    let stand_in = |gateway: &&esign_config::SmsGateway| gateway.kind == SmsGatewayKind::Http;
    let receipts = app.settings.sms.gateways.iter().find(stand_in);
    let receipts = receipts.filter(|gateway| !gateway.receipt_secret.is_empty());
    let receipts = receipts.map(|gateway| {
        let (at, secret) = (app.settings.server.own_url(), gateway.receipt_secret.expose());
        format!("{at}/callbacks/sms/{}/{secret}", gateway.name)
    });
    let config = SandboxConfig {
        data_dir: app.settings.data_dir.clone(),
        public_url: app.settings.server.public_url.clone(),
        auth_key: app.settings.auth.key.clone(),
        auth_secret: app.settings.auth.secret.expose().to_owned(),
        callback_secret: app.settings.auth.callback_secret.expose().to_owned(),
        settle_after: SandboxConfig::SETTLE_AFTER,
        face_valid_for: SandboxConfig::FACE_VALID_FOR,
        payment_valid_for: SandboxConfig::PAYMENT_VALID_FOR,
        sms_receipt_url: receipts,
        clock: Arc::new(move || clock.now()),
        demo_credentials: Some(app.settings.data_dir.join(first_start::CREDENTIALS_FILE)),
        // The platform sends no webhooks yet, so there is no secret that could have signed one.
        webhook_secrets: Arc::new(|_| Vec::new()),
    };
    Ok(Some(esign_sandbox::router(config)?))
}

/// Every route of the platform, with what stands before all of them. `sandbox`: the stand-ins' routes, if any.
pub fn doors(app: &Arc<App>, sandbox: Option<Router>, stop: &CancellationToken) -> Result<Router> {
    let metrics = Arc::new(Metrics::default());
    let (roots, roots_pem) = (keys::roots(&app.settings)?, keys::roots_pem(&app.settings)?);
    let published = Arc::clone(app);
    let desk = Desk::new(roots, Box::new(move || published.keyset.jwks()), roots_pem, Arc::clone(&app.clock));
    let home = if sandbox.is_some() { "/sandbox" } else { "/verify" };
    let router = Router::new()
        .route("/", get(move || async move { Redirect::temporary(home) }))
        .merge(http::router(graphql::door(app, stop.clone())))
        .merge(oauth::router(Arc::clone(app)))
        .merge(callback::router(Arc::clone(app))?)
        .merge(download::router(Arc::clone(app)))
        .merge(page::router(Arc::new(desk)))
        .merge(esign_h5::router(Arc::clone(app)))
        .merge(esign_admin_ui::router(Arc::clone(app)))
        .merge(health::router(Health {
            app: Arc::clone(app),
            metrics: Arc::clone(&metrics),
            counts: Arc::default(),
            stop: stop.clone(),
        }))
        .merge(sandbox.unwrap_or_default())
        .fallback(shield::nothing_here);
    let tracer = Tracer { app: Arc::clone(app), metrics };
    Ok(shield::around(router, &app.settings, stop.clone())
        .layer(axum::middleware::from_fn_with_state(tracer, trace::follow)))
}
