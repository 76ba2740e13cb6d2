//! The settings themselves, a struct a section. Each key is explained in `config/default.toml`, in the words an
//! operator reads; here stands only what a programmer needs besides.

#![expect(missing_docs, reason = "every key is explained where operators read it, in config/default.toml")]

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use serde::Deserialize;

use crate::Secret;

/// Which world the process runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Everything on one machine, no account anywhere; keys and credentials are made at first start.
    Sandbox,
    /// The real thing: refuses sandbox adapters, built-in keys and plain http.
    Production,
}

impl Profile {
    /// The name as it stands in file names and in the environment.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// All settings of one process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub profile: Profile,
    /// Everything the process writes lives below this folder, the SQLite file included.
    pub data_dir: PathBuf,
    pub server: Server,
    pub database: Database,
    pub log: Log,
    pub limits: Limits,
    pub staff: Staff,
    pub flow: Flow,
    pub sms: Sms,
    pub auth: Auth,
    pub keys: Keys,
    pub sealing: Sealing,
    pub jobs: Jobs,
    pub alerts: Alerts,
}

/// Where the server listens and how the world reaches it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    /// Empty: `http://` and the address listened on.
    pub public_url: String,
    pub trusted_proxies: Vec<ipnet::IpNet>,
    pub header_timeout_seconds: u64,
    pub body_timeout_seconds: u64,
    pub max_connections: usize,
    pub graphql_introspection: bool,
}

impl Server {
    /// The address under which this process reaches itself: where it listens on every address, the machine's own.
    pub fn own_url(&self) -> String {
        let mut at = self.listen;
        match at.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => at.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => at.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{at}")
    }
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`; empty: a SQLite file in the data folder.
    pub url: Secret,
    pub max_connections: u32,
    pub acquire_timeout_seconds: u64,
    pub start_patience_seconds: u64,
}

/// How the log is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// For machines.
    Json,
}

/// What a caller may ask for at most.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub requests_per_second: u32,
    pub request_burst: u32,
    pub sockets_per_client: usize,
    pub link_misses_per_minute: u32,
    /// Per address: wrong passwords at the console, whatever the name.
    pub sign_in_misses_per_minute: u32,
}

/// How staff sign in. Durations in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub idle_seconds: i64,
    pub session_seconds: i64,
    /// How long somebody may take over the steps between the password and the console.
    pub sign_in_seconds: i64,
    pub wrong_tries: i32,
    pub lock_seconds: i64,
    pub lock_max_seconds: i64,
    /// The roles that can't do without.
    pub totp_required: Vec<String>,
}

/// Clocks and limits of a flow. Durations in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    pub session_seconds: i64,
    pub session_min_seconds: i64,
    pub session_max_seconds: i64,
    /// How far a challenge's expiry pushes the session's end beyond itself.
    pub session_after_challenge_seconds: i64,
    /// How long a completed flow's page can still be opened.
    pub done_page_seconds: i64,
    pub auth_attempts: i32,
    /// How often the text may fail to be laid out before the flow ends with SIGN_FAILED.
    pub sign_attempts: i32,
    pub reading_seconds_per_document: u32,
    pub seal_retry_seconds: Vec<i64>,
    pub download_seconds: i64,
}

/// Texting the link.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    pub on_missing_template: OnMissingTemplate,
    pub retry_seconds: Vec<i64>,
    pub resend_gap_seconds: i64,
    pub resend_max: i32,
    pub mobile_gap_seconds: i64,
    pub mobile_max_per_day: u64,
    pub gateway_timeout_seconds: u64,
    pub breaker_failures: u32,
    pub breaker_seconds: i64,
    /// In the order they are tried.
    pub gateways: Vec<SmsGateway>,
}

/// What `startSignFlow` does when no SMS template matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMissingTemplate {
    /// Refuse the call; nothing is created.
    Reject,
    /// Create a flow that has failed with `SMS_TEMPLATE_NOT_FOUND`.
    Fail,
}

/// One SMS gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsGateway {
    /// Our name for it; stands on SMS records and in template codes.
    pub name: String,
    pub kind: SmsGatewayKind,
    /// Empty: a carrier's own address; for `http` in the sandbox the stand-in gateway of this very process.
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub sign_name: String,
    #[serde(default)]
    pub access_key: String,
    #[serde(default)]
    pub secret: Secret,
    /// Tencent: which of its regions is asked.
    #[serde(default)]
    pub region: String,
    /// Tencent: the application the messages belong to.
    #[serde(default)]
    pub sdk_app_id: String,
    /// Part of the receipts' address, because carriers don't sign theirs.
    #[serde(default)]
    pub receipt_secret: Secret,
}

/// Which protocol a gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsGatewayKind {
    /// The generic HTTP contract.
    Http,
    /// Aliyun's Dysmsapi (阿里云短信服务).
    Aliyun,
    /// Tencent Cloud's SMS (腾讯云短信).
    Tencent,
}

impl SmsGateway {
    /// Whether it sends only what its carrier knows by a code and has approved: it is given that code and the values of
    /// the variables, never a text.
    pub fn needs_template_code(&self) -> bool {
        self.kind != SmsGatewayKind::Http
    }

    /// The carrier's own address, where there is one.
    pub(crate) fn usual_url(&self) -> Option<&'static str> {
        match self.kind {
            SmsGatewayKind::Http => None,
            SmsGatewayKind::Aliyun => Some("https://dysmsapi.aliyuncs.com"),
            SmsGatewayKind::Tencent => Some("https://sms.tencentcloudapi.com"),
        }
    }
}

/// The auth system (认证系统).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Empty in the sandbox: the stand-in auth system of this very process.
    pub base_url: String,
    pub key: String,
    pub secret: Secret,
    pub callback_secret: Secret,
    pub mode: AuthMode,
    pub timeout_seconds: u64,
    pub face_alternative: FaceAlternative,
    pub creation_retry_seconds: Vec<i64>,
    pub face_validity_seconds: i64,
    pub payment_validity_seconds: i64,
    pub poll_first_seconds: f64,
    pub poll_factor: f64,
    pub poll_max_seconds: f64,
    /// How long an unreachable auth system is asked about an expired challenge before it counts as expired.
    pub expiry_grace_seconds: i64,
    pub amount_entries: i32,
    pub account_wrong_entries: u64,
    pub account_window_seconds: i64,
}

/// How results reach us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Callback, with polling as the net.
    Auto,
    /// Callback only.
    Callback,
    /// Polling only; no callback address is given.
    Poll,
}

/// What a signer who refuses face verification is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaceAlternative {
    /// Payment verification to an own account, if the flow names one.
    Payment,
    /// Words on how to finish outside.
    Outside,
}

/// Keys. Files are PEM or base64 as named; in the sandbox they are made below the data folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key ring that encrypts personal data: `id:base64 of 32 bytes`, newest first, separated by commas.
    pub ring: Secret,
    /// The key of searchable hashes: base64 of 32 bytes. It can't be rotated without re-hashing.
    pub lookup: Secret,
    /// Folder with the signing keys of access and result tokens.
    pub token_dir: Option<PathBuf>,
}

/// Laying out and sealing documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealing {
    pub workers: usize,
    pub timeout_seconds: u64,
    pub memory_mib: u64,
    pub cpu_seconds: u64,
    /// Texts by staff have a layout process of their own; so many may wait for it.
    pub trials_waiting: usize,
    pub fonts_dir: Option<PathBuf>,
    /// PEM files of the platform's signing key and chain; in the sandbox made below the data folder.
    pub key_file: Option<PathBuf>,
    pub chain_file: Option<PathBuf>,
    /// PEM files of roots that `esign verify` and the verify page trust.
    pub trust_files: Vec<PathBuf>,
}

/// The job worker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    pub concurrency: usize,
    pub lease_seconds: i64,
    /// The net under wake-ups that were lost.
    pub poll_milliseconds: u64,
    pub keep_finished_seconds: i64,
}

/// Telling people what somebody should look at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Empty: the log and the counters only. Robots' addresses hold their key, so it prints masked.
    pub webhook_url: Secret,
    /// The body, JSON with `{{ variables }}` inside its strings.
    pub webhook_body: String,
    /// How long the same alert is held back after it was told.
    pub webhook_repeat_seconds: u64,
}
