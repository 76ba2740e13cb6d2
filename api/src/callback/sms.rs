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

use super::Callbacks;

mod form;

/// Takes receipts, in whatever form the gateway tells them. 404 unless gateway and secret belong together, 400 for what is
/// no receipt.
pub async fn receive(
    State(callbacks): State<Callbacks>,
    Path((gateway, secret)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let app = &callbacks.app;
    let Some(known) = known(&app.settings.sms.gateways, &gateway, &secret) else {
        tracing::warn!("a receipt under an unknown address");
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(receipts) = form::read(known.kind, &body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    for receipt in &receipts {
        match receipt::receive(app, &gateway, receipt).await {
            Ok(received) => tracing::info!(gateway, ?received, "took a receipt"),
            Err(error) => {
                // Those before it are taken; they come again with the others, and move nothing the second time.
                tracing::error!(%error, source = error.cause(), "a receipt could not be kept");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        }
    }
    Json(form::thanks(known.kind)).into_response()
}

/// Every gateway is compared, so that time doesn't tell which names exist.
fn known<'a>(gateways: &'a [SmsGateway], name: &str, secret: &str) -> Option<&'a SmsGateway> {
    let fits = |gateway: &&SmsGateway| {
        let configured = gateway.receipt_secret.expose();
        let same = vault::same(configured.as_bytes(), secret.as_bytes());
        same && !configured.is_empty() && gateway.name == name
    };
    gateways.iter().fold(None, |found, gateway| if fits(&gateway) { Some(gateway) } else { found })
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
        for (name, secret) in [("a", "one"), ("b", "two")] {
            assert_eq!(known(&gateways, name, secret).unwrap().name, name);
        }
        for (name, secret) in [("a", "two"), ("b", "one"), ("c", ""), ("d", "one"), ("a", "")] {
            assert!(known(&gateways, name, secret).is_none(), "{name} {secret}");
        }
    }
}
