//! The generic SMS contract over HTTP: `POST {url}` with
//! `{messageId, mobile, signName, templateCode, text, variables}`, answered with `{gatewayMessageId}`.
//!
//! A gateway that sees a `messageId` again answers as it did the first time and sends nothing, so an unknown outcome
//! is cleared up by sending the very same message again. With a secret configured, the request carries it as a bearer
//! token; how else a gateway knows us is its own affair.

use std::time::Duration;

use async_trait::async_trait;
use esign_config::SmsGateway as Settings;
use esign_domain::sms::port::{OutgoingSms, SmsFailure, SmsGateway};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;

use super::{
    call::{self, Failure},
    sms_failure::told,
};

/// One gateway that speaks the generic contract.
pub struct SmsHttp {
    settings: Settings,
    client: Client,
}

impl SmsHttp {
    /// A gateway as configured.
    pub fn new(settings: Settings, timeout: Duration) -> reqwest::Result<Self> {
        Ok(Self { settings, client: call::client(timeout)? })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    gateway_message_id: String,
}

#[async_trait]
impl SmsGateway for SmsHttp {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn sign_name(&self) -> &str {
        &self.settings.sign_name
    }

    async fn send(&self, sms: &OutgoingSms) -> Result<String, SmsFailure> {
        let mut request = self.client.post(&self.settings.url).json(&json!({
            "messageId": sms.message_id,
            "mobile": sms.mobile.expose(),
            "signName": sms.sign_name,
            "templateCode": sms.template_code,
            "text": sms.text,
            "variables": sms.variables,
        }));
        if !self.settings.secret.is_empty() {
            request = request.bearer_auth(self.settings.secret.expose());
        }
        let answer = call::send(request).await.map_err(told)?;
        match serde_json::from_slice::<Accepted>(&answer) {
            Ok(accepted) if !accepted.gateway_message_id.is_empty() => Ok(accepted.gateway_message_id),
            _ => Err(told(Failure::senseless("the answer names no gatewayMessageId"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::post};
    use chrono::DateTime;
    use esign_config::{Secret, SmsGatewayKind};
    use esign_domain::personal::Mobile;
    use serde_json::Value;

    use super::*;

    async fn ask(
        answer: impl IntoResponse + Clone + Send + Sync + 'static,
    ) -> (Result<String, SmsFailure>, Option<Value>) {
        let (told, mut heard) = tokio::sync::mpsc::channel(1);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let gateway = Router::new().route(
            "/send",
            post(move |Json(body): Json<Value>| async move {
                told.send(body).await.unwrap();
                answer
            }),
        );
        let mut servers = tokio::task::JoinSet::new();
        servers.spawn(async move { axum::serve(listener, gateway).await });
        let settings = Settings {
            name: "test".into(),
            kind: SmsGatewayKind::Http,
            url,
            sign_name: "云帆".into(),
            access_key: String::new(),
            secret: Secret::default(),
            region: String::new(),
            sdk_app_id: String::new(),
            receipt_secret: Secret::default(),
        };
        let sms = OutgoingSms {
            message_id: "sms_1".into(),
            mobile: Mobile::parse("13800138000").unwrap(),
            sign_name: "云帆".into(),
            template_code: None,
            text: "【云帆】请签署".into(),
            variables: [("linkCode".to_owned(), "abc".to_owned())].into(),
            parameters: Vec::new(),
            asked_at: DateTime::UNIX_EPOCH,
        };
        let outcome = SmsHttp::new(settings, Duration::from_secs(5)).unwrap().send(&sms).await;
        (outcome, heard.try_recv().ok())
    }

    #[tokio::test]
    async fn a_message_goes_out_as_the_contract_says() {
        let (outcome, body) = ask(Json(json!({"gatewayMessageId": "g-1", "more": true}))).await;
        assert_eq!(outcome.unwrap(), "g-1");
        let expected = json!({"messageId": "sms_1", "mobile": "+8613800138000", "signName": "云帆", "templateCode": null,
            "text": "【云帆】请签署", "variables": {"linkCode": "abc"}});
        assert_eq!(body.unwrap(), expected);
    }

    #[tokio::test]
    async fn answers_are_classed_by_what_they_mean() {
        assert!(
            matches!(ask(StatusCode::SERVICE_UNAVAILABLE).await.0, Err(SmsFailure::Retryable { code, .. }) if code == "HTTP_503")
        );
        assert!(
            matches!(ask(StatusCode::BAD_REQUEST).await.0, Err(SmsFailure::Final { code, .. }) if code == "HTTP_400")
        );
        assert!(matches!(ask(StatusCode::BAD_GATEWAY).await.0, Err(SmsFailure::Unknown { .. })));
        assert!(matches!(ask(Json(json!({}))).await.0, Err(SmsFailure::Unknown { .. })));
        assert!(matches!(ask("not json").await.0, Err(SmsFailure::Unknown { .. })));
        assert!(matches!(ask((StatusCode::FOUND, [("location", "/send")])).await.0, Err(SmsFailure::Refused { .. })));
        assert!(matches!(ask(StatusCode::UNAUTHORIZED).await.0, Err(SmsFailure::Refused { .. })));
    }
}
