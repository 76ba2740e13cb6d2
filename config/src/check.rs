//! What types can't say about settings: ranges, and what production refuses.

use crate::{Profile, Settings, SmsGatewayKind};

/// One thing that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, dotted as in the files.
    pub key: String,
    /// What is wrong and what to write instead.
    pub mend: String,
}

/// All problems of these settings at once; empty means that they can be used.
pub fn check(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    ranges(settings, &mut problems);
    gateway_names(settings, &mut problems);
    alert_address(settings, &mut problems);
    gateway_accounts(settings, &mut problems);
    if settings.profile == Profile::Production {
        production(settings, &mut problems);
    }
    problems
}

fn ranges(s: &Settings, problems: &mut Vec<Problem>) {
    let mut positive = |key: &str, value: i64| {
        if value <= 0 {
            problems.push(Problem { key: key.into(), mend: format!("{value} must be above 0") });
        }
    };
    positive("flow.session_seconds", s.flow.session_seconds);
    positive("flow.session_min_seconds", s.flow.session_min_seconds);
    positive("flow.auth_attempts", s.flow.auth_attempts.into());
    positive("flow.sign_attempts", s.flow.sign_attempts.into());
    positive("staff.idle_seconds", s.staff.idle_seconds);
    positive("staff.session_seconds", s.staff.session_seconds);
    positive("staff.sign_in_seconds", s.staff.sign_in_seconds);
    positive("staff.wrong_tries", s.staff.wrong_tries.into());
    positive("staff.lock_seconds", s.staff.lock_seconds);
    positive("auth.amount_entries", s.auth.amount_entries.into());
    positive("jobs.lease_seconds", s.jobs.lease_seconds);
    positive("sealing.workers", i64::try_from(s.sealing.workers).unwrap_or(i64::MAX));
    positive("database.max_connections", s.database.max_connections.into());
    let seconds = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    positive("database.acquire_timeout_seconds", seconds(s.database.acquire_timeout_seconds));
    positive("server.header_timeout_seconds", seconds(s.server.header_timeout_seconds));
    positive("server.body_timeout_seconds", seconds(s.server.body_timeout_seconds));
    positive("server.max_connections", i64::try_from(s.server.max_connections).unwrap_or(i64::MAX));
    positive("sms.gateway_timeout_seconds", seconds(s.sms.gateway_timeout_seconds));
    positive("sms.breaker_failures", s.sms.breaker_failures.into());
    positive("sms.breaker_seconds", s.sms.breaker_seconds);
    positive("auth.timeout_seconds", seconds(s.auth.timeout_seconds));
    positive("jobs.poll_milliseconds", seconds(s.jobs.poll_milliseconds));
    positive("flow.download_seconds", s.flow.download_seconds);
    positive("limits.requests_per_second", s.limits.requests_per_second.into());
    positive("limits.request_burst", s.limits.request_burst.into());
    if s.flow.session_min_seconds > s.flow.session_max_seconds {
        problems.push(Problem {
            key: "flow.session_min_seconds".into(),
            mend: "must not be above flow.session_max_seconds".into(),
        });
    }
    if s.staff.lock_seconds > s.staff.lock_max_seconds {
        let mend = "must not be above staff.lock_max_seconds".to_owned();
        problems.push(Problem { key: "staff.lock_seconds".into(), mend });
    }
    if s.staff.totp_required.iter().any(|role| !["admin", "operator", "auditor"].contains(&role.as_str())) {
        let mend = "the roles are: admin operator auditor".to_owned();
        problems.push(Problem { key: "staff.totp_required".into(), mend });
    }
    if s.sms.gateways.is_empty() {
        problems.push(Problem { key: "sms.gateways".into(), mend: "name at least one gateway".into() });
    }
    if !(s.server.public_url.is_empty() || is_http_origin(&s.server.public_url)) {
        problems.push(Problem {
            key: "server.public_url".into(),
            mend: format!(
                "\"{}\" is not an http(s) address without path, such as https://sign.example.cn",
                s.server.public_url
            ),
        });
    }
}

/// The address is never named: it holds a key.
fn alert_address(s: &Settings, problems: &mut Vec<Problem>) {
    let address = s.alerts.webhook_url.expose();
    let scheme = url::Url::parse(address).ok().map(|url| url.scheme().to_owned());
    let fits = match scheme.as_deref() {
        Some("https") => true,
        Some("http") => s.profile == Profile::Sandbox,
        _ => address.is_empty(),
    };
    if !fits {
        let mend = "must be an https:// address, or empty".to_owned();
        problems.push(Problem { key: "alerts.webhook_url".into(), mend });
    }
}

/// Gateways are told apart by their names: in records, in template codes and in the receipts' address.
fn gateway_names(s: &Settings, problems: &mut Vec<Problem>) {
    for (index, gateway) in s.sms.gateways.iter().enumerate() {
        let key = || format!("sms.gateways[{index}].name");
        let usable = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if gateway.name.is_empty() || gateway.name.len() > 64 || !gateway.name.bytes().all(usable) {
            problems.push(Problem { key: key(), mend: "1-64 of A-Z a-z 0-9 - _".into() });
        } else if s.sms.gateways[..index].iter().any(|other| other.name == gateway.name) {
            problems.push(Problem { key: key(), mend: format!("\"{}\" is taken by another gateway", gateway.name) });
        }
    }
}

/// What a carrier must be told with every message. No profile can do without: the sandbox, too, may be pointed at one.
fn gateway_accounts(s: &Settings, problems: &mut Vec<Problem>) {
    for (index, gateway) in s.sms.gateways.iter().enumerate() {
        let needed: &[(&str, &str, &str)] = match gateway.kind {
            SmsGatewayKind::Http => &[],
            SmsGatewayKind::Aliyun => &[
                (
                    "access_key",
                    &gateway.access_key,
                    "missing: the AccessKey ID of a RAM user with AliyunDysmsFullAccess",
                ),
                ("secret", gateway.secret.expose(), "missing: the AccessKey Secret of that user"),
                ("sign_name", &gateway.sign_name, "missing: the approved 签名 of templates that name none"),
            ],
            SmsGatewayKind::Tencent => &[
                ("access_key", &gateway.access_key, "missing: the SecretId of a user with QcloudSMSFullAccess"),
                ("secret", gateway.secret.expose(), "missing: the SecretKey of that user"),
                ("region", &gateway.region, "missing: ap-guangzhou, ap-beijing or ap-nanjing"),
                ("sdk_app_id", &gateway.sdk_app_id, "missing: the SdkAppId of the SMS application, such as 1400006666"),
                ("sign_name", &gateway.sign_name, "missing: the approved 签名 of templates that name none"),
            ],
        };
        for (key, value, mend) in needed {
            if value.is_empty() {
                problems.push(Problem { key: format!("sms.gateways[{index}].{key}"), mend: (*mend).into() });
            }
        }
        if !gateway.url.is_empty() && !url::Url::parse(&gateway.url).is_ok_and(|url| url.has_host()) {
            let mend = "not an address, such as https://sms.example.cn/send".to_owned();
            problems.push(Problem { key: format!("sms.gateways[{index}].url"), mend });
        }
    }
}

fn is_http_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|u| {
        matches!(u.scheme(), "http" | "https") && u.has_host() && matches!(u.path(), "" | "/") && u.query().is_none()
    })
}

fn production(s: &Settings, problems: &mut Vec<Problem>) {
    let mut refuse = |bad: bool, key: &str, mend: &str| {
        if bad {
            problems.push(Problem { key: key.into(), mend: mend.into() });
        }
    };
    let https = |url: &str| url.starts_with("https://");
    refuse(!https(&s.server.public_url), "server.public_url", "production needs an https:// address");
    refuse(!https(&s.auth.base_url), "auth.base_url", "production needs the auth system's https:// address");
    refuse(s.auth.key.is_empty(), "auth.key", "missing: the key id agreed with the auth system");
    refuse(s.auth.secret.is_empty(), "auth.secret", "missing: set ESIGN__AUTH__SECRET");
    refuse(s.auth.callback_secret.is_empty(), "auth.callback_secret", "missing: set ESIGN__AUTH__CALLBACK_SECRET");
    refuse(s.keys.ring.is_empty(), "keys.ring", "missing: set ESIGN__KEYS__RING (id:base64 of 32 random bytes)");
    refuse(s.keys.lookup.is_empty(), "keys.lookup", "missing: set ESIGN__KEYS__LOOKUP (base64 of 32 random bytes)");
    refuse(s.keys.token_dir.is_none(), "keys.token_dir", "missing: the folder with the token signing keys");
    refuse(s.sealing.key_file.is_none(), "sealing.key_file", "missing: the platform's signing key");
    refuse(s.sealing.chain_file.is_none(), "sealing.chain_file", "missing: the platform's certificate chain");
    for (index, gateway) in s.sms.gateways.iter().enumerate() {
        let key = format!("sms.gateways[{index}].url");
        let has_its_own = gateway.url.is_empty() && gateway.usual_url().is_some();
        refuse(!has_its_own && !https(&gateway.url), &key, "production needs the gateway's https:// address");
        let key = format!("sms.gateways[{index}].receipt_secret");
        refuse(is_built_in(gateway.receipt_secret.expose()), &key, BUILT_IN);
    }
    refuse(is_built_in(s.auth.secret.expose()), "auth.secret", BUILT_IN);
    refuse(is_built_in(s.auth.callback_secret.expose()), "auth.callback_secret", BUILT_IN);
}

const BUILT_IN: &str = "this is the sandbox's own secret, which everybody knows: make another";

/// Whether a secret stands in the sandbox's file.
fn is_built_in(secret: &str) -> bool {
    !secret.is_empty() && crate::load::SANDBOX.contains(&format!("\"{secret}\""))
}
