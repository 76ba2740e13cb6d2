//! The crate `sealing` behind the domain's port: the pool of layout processes, the platform's key, the trusted roots.
//!
//! The layout processes are our own executable, started with the hidden subcommand `render-worker`. They are started
//! with the first layout, or by [`LocalSealer::warm`]: a command that only makes a client needs none of them. Texts that
//! are not published yet have a process of their own, started with the first of them, so that none holds up a signer.

use std::{
    path::{Path, PathBuf, absolute},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use esign_config::Sealing;
use esign_domain::seal::port::Sealer;
use esign_sealing::{
    Checked, FileSigner, LaidOut, Layout, LayoutError, PdfReport, Renderer, RendererConfig, SealError, SealOrder,
    SealedPdf, Trial, TrustAnchors, VerifyError,
};
use tokio::sync::OnceCell;

/// The hidden subcommand by which our executable becomes a layout process.
pub const WORKER_COMMAND: &str = "render-worker";

/// Lays out in child processes, signs with a key from a file.
pub struct LocalSealer {
    renderer: OnceCell<Renderer>,
    /// Where texts are tried that nobody has published yet.
    trials: OnceCell<Renderer>,
    config: Sealing,
    signer: FileSigner,
    trust: TrustAnchors,
}

impl LocalSealer {
    /// A sealer that starts its layout processes when they are first needed.
    pub fn new(config: &Sealing, signer: FileSigner, trust: TrustAnchors) -> Self {
        Self { renderer: OnceCell::new(), trials: OnceCell::new(), config: config.clone(), signer, trust }
    }

    /// Starts the layout processes now and checks the typefaces: at the start, not at the first sealing.
    pub async fn warm(&self) -> Result<(), LayoutError> {
        self.renderer().await.map(|_| ())
    }

    /// Ends the layout processes.
    pub async fn shutdown(&self) {
        for renderer in [&self.renderer, &self.trials].into_iter().filter_map(OnceCell::get) {
            renderer.shutdown().await;
        }
    }

    async fn renderer(&self) -> Result<&Renderer, LayoutError> {
        self.renderer.get_or_try_init(|| async { Renderer::start(renderer_config(&self.config)?) }).await
    }

    async fn trials(&self) -> Result<&Renderer, LayoutError> {
        let waiting = self.config.trials_waiting;
        let config = || Ok(RendererConfig { workers: 1, waiting, ..renderer_config(&self.config)? });
        self.trials.get_or_try_init(|| async { Renderer::start(config()?) }).await
    }
}

fn renderer_config(config: &Sealing) -> Result<RendererConfig, LayoutError> {
    Ok(RendererConfig {
        executable: own_executable()?,
        arguments: vec![WORKER_COMMAND.to_owned()],
        workers: config.workers,
        waiting: usize::MAX,
        timeout: Duration::from_secs(config.timeout_seconds),
        memory_bytes: config.memory_mib << 20,
        cpu_seconds: config.cpu_seconds,
        // A worker runs in another folder.
        fonts_dir: config.fonts_dir.as_ref().map(|folder| absolute(folder).unwrap_or_else(|_| folder.clone())),
    })
}

/// The kernel's own link is right even when the file was replaced under a running process; its path would not be.
fn own_executable() -> Result<PathBuf, LayoutError> {
    let link = Path::new("/proc/self/exe");
    if link.exists() {
        return Ok(link.to_owned());
    }
    std::env::current_exe().map_err(|error| LayoutError::Worker(format!("our own executable can't be found: {error}")))
}

#[async_trait]
impl Sealer for LocalSealer {
    async fn lay_out(&self, layout: &Layout) -> Result<LaidOut, LayoutError> {
        self.renderer().await?.lay_out(layout).await
    }

    async fn check(&self, trial: &Trial) -> Result<Checked, LayoutError> {
        self.trials().await?.check(trial).await
    }

    async fn seal(&self, order: &SealOrder<'_>) -> Result<SealedPdf, SealError> {
        esign_sealing::seal(order, &self.signer).await
    }

    fn verify(&self, pdf: &[u8], now: DateTime<Utc>) -> Result<PdfReport, VerifyError> {
        esign_sealing::verify(pdf, &self.trust, now)
    }
}
