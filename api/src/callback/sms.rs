//! `POST /callbacks/sms/{gateway}/{secret}`: receipts, by which a message becomes DELIVERED or FAILED.
//!
//! Carriers don't sign theirs, so the address holds a secret; a wrong one is answered like an unknown gateway. The log
//! names the route, so the secret never stands in it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use esign_config::SmsGateway;
use esign_domain::{sms::receipt, vault};
use serde::Deserialize;
use serde_json::json;

use super::Callbacks;

/// What a receipt says; more may stand in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    gateway_message_id: String,
    status: Fate,
    /// Why it failed, in the gateway's own code.
    code: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Fate {
    Delivered,
    Failed,
}

/// Takes a receipt. 404 unless gateway and secret belong together, 400 for what is no receipt.
pub async fn receive(
    State(callbacks): State<Callbacks>,
    Path((gateway, secret)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let app = &callbacks.app;
    if !is_known(&app.settings.sms.gateways, &gateway, &secret) {
        tracing::warn!("a receipt under an unknown address");
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(told) = serde_json::from_slice::<Receipt>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let failure = (told.status == Fate::Failed).then(|| told.code.unwrap_or_else(|| "UNKNOWN".into()));
    match receipt::receive(app, &gateway, &told.gateway_message_id, failure.as_deref()).await {
        Ok(moved) => {
            tracing::info!(gateway, moved, "took a receipt");
            Json(json!({"ok": true})).into_response()
        }
        Err(error) => {
            tracing::error!(%error, source = error.cause(), "a receipt could not be kept");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Every gateway is compared, so that time doesn't tell which names exist.
fn is_known(gateways: &[SmsGateway], name: &str, secret: &str) -> bool {
    let fits = |gateway: &&SmsGateway| {
        let configured = gateway.receipt_secret.expose();
        let same = vault::same(configured.as_bytes(), secret.as_bytes());
        same && !configured.is_empty() && gateway.name == name
    };
    gateways.iter().filter(fits).count() > 0
}

#[cfg(test)]
mod tests {
    use esign_config::{Secret, SmsGatewayKind};

    use super::*;

    fn gateway(name: &str, secret: &str) -> SmsGateway {
        SmsGateway {
            name: name.into(),
            kind: SmsGatewayKind::Http,
            url: String::new(),
            sign_name: String::new(),
            access_key: String::new(),
            secret: Secret::default(),
            region: String::new(),
            sdk_app_id: String::new(),
            receipt_secret: Secret::new(secret),
        }
    }

    #[test]
    fn name_and_secret_must_belong_together_and_an_empty_secret_opens_nothing() {
        let gateways = [gateway("a", "one"), gateway("b", "two"), gateway("c", "")];
        assert!(is_known(&gateways, "a", "one") && is_known(&gateways, "b", "two"));
        for (name, secret) in [("a", "two"), ("b", "one"), ("c", ""), ("d", "one"), ("a", "")] {
            assert!(!is_known(&gateways, name, secret), "{name} {secret}");
        }
    }
}
