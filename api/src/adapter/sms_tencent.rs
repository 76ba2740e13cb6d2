//! Tencent Cloud's SMS (腾讯云短信): sms of 2021-01-11, requests signed by TC3 ([`signature`]).
//!
//! Tencent knows the text by a template id and is given the values of its variables in their order. Our message id goes
//! along as `SessionContext`: it does not keep Tencent from sending twice, so after an unknown outcome we look for it
//! among what is known of the number (`PullSmsSendStatusByPhoneNumber`).

mod codes;
mod signature;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use esign_config::SmsGateway as Settings;
use esign_domain::{
    clock::Clock,
    sms::port::{OutgoingSms, SmsFailure, SmsGateway},
};
use reqwest::{Client, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use super::{
    call,
    sms_failure::{class_of, failure, told, unanswered, unexplained},
};
use signature::Signer;

const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";
/// What is known of a number is known some time after a message was taken. Tencent promises none; this is generous.
const LOOKUP_LAG: TimeDelta = TimeDelta::seconds(60);
/// How far a number is looked back at most.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);
/// So many messages to a number are looked through: the most that is given at once.
const MOST: u32 = 100;

/// One application at Tencent Cloud.
pub struct SmsTencent {
    settings: Settings,
    url: Url,
    host: String,
    client: Client,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<T> {
    response: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    error: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    serial_no: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    send_status_set: Vec<Verdict>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Known {
    pull_sms_send_status_set: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    serial_no: String,
    #[serde(default)]
    session_context: Option<String>,
}

impl SmsTencent {
    /// An application as configured.
    pub fn new(settings: Settings, timeout: Duration, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let url = Url::parse(&settings.url)?;
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { settings, url, host, client: call::client(timeout)?, clock })
    }

    async fn call<T: DeserializeOwned>(&self, action: &str, body: &Value) -> Result<T, SmsFailure> {
        let (body, now) = (body.to_string().into_bytes(), self.clock.now());
        let request = self
            .client
            .post(self.url.clone())
            .header("authorization", self.authorization(action, &body, now))
            .header("content-type", CONTENT_TYPE)
            .header("x-tc-action", action)
            .header("x-tc-version", VERSION)
            .header("x-tc-timestamp", now.timestamp())
            .header("x-tc-region", &self.settings.region)
            .body(body);
        let (status, body) = call::ask(request).await.map_err(told)?;
        read(status, &body)
    }

    fn authorization(&self, action: &str, body: &[u8], now: DateTime<Utc>) -> String {
        let (id, key) = (self.settings.access_key.as_str(), self.settings.secret.expose());
        let action = action.to_lowercase();
        let headers = [("content-type", CONTENT_TYPE), ("host", &*self.host), ("x-tc-action", &*action)];
        Signer { id, key, service: "sms" }.authorization(&headers, body, now)
    }
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &Bytes) -> Result<T, SmsFailure> {
    if let Ok(Answer { response: Refusal { error } }) = serde_json::from_slice(body) {
        return Err(refused(status, &error));
    }
    let answer: Result<Answer<T>, _> = serde_json::from_slice(body);
    answer.map(|answer| answer.response).map_err(|_| unexplained(status))
}

fn refused(status: StatusCode, verdict: &Verdict) -> SmsFailure {
    failure(class_of(codes::TABLE, &verdict.code, status), &verdict.code, &verdict.message)
}

#[async_trait]
impl SmsGateway for SmsTencent {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn sign_name(&self) -> &str {
        &self.settings.sign_name
    }

    fn needs_template_code(&self) -> bool {
        self.settings.needs_template_code()
    }

    async fn send(&self, sms: &OutgoingSms) -> Result<String, SmsFailure> {
        let values: Vec<&str> = sms.parameters.iter().map(|(_, value)| value.as_str()).collect();
        let body = json!({
            "PhoneNumberSet": [sms.mobile.expose()],
            "SmsSdkAppId": self.settings.sdk_app_id,
            "SignName": sms.sign_name,
            "TemplateId": sms.template_code,
            "TemplateParamSet": values,
            "SessionContext": sms.message_id,
        });
        let sent: Sent = self.call("SendSms", &body).await?;
        match sent.send_status_set.into_iter().next() {
            Some(verdict) if verdict.code == "Ok" && !verdict.serial_no.is_empty() => Ok(verdict.serial_no),
            Some(verdict) if verdict.code != "Ok" => Err(refused(StatusCode::OK, &verdict)),
            _ => Err(unexplained(StatusCode::OK)),
        }
    }

    async fn lookup(&self, sms: &OutgoingSms) -> Result<Option<String>, SmsFailure> {
        let now = self.clock.now();
        // A minute to either side: clocks differ.
        let begin = (sms.asked_at - TimeDelta::minutes(1)).max(now - LOOK_BACK);
        let body = json!({
            "BeginTime": begin.timestamp(),
            "EndTime": (now + TimeDelta::minutes(1)).timestamp(),
            "Offset": 0,
            "Limit": MOST,
            "PhoneNumber": sms.mobile.expose(),
            "SmsSdkAppId": self.settings.sdk_app_id,
        });
        let known: Known = self.call("PullSmsSendStatusByPhoneNumber", &body).await.map_err(unanswered)?;
        let ours = |status: &Status| status.session_context.as_deref() == Some(&sms.message_id);
        Ok(known.pull_sms_send_status_set.into_iter().find(ours).map(|status| status.serial_no))
    }

    fn lookup_lag(&self) -> TimeDelta {
        LOOKUP_LAG
    }
}

#[cfg(test)]
mod tests;
