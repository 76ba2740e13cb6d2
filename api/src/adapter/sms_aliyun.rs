//! Aliyun's SMS (阿里云短信服务): Dysmsapi of 2017-05-25, requests signed by version 3 ([`signature`]).
//!
//! Aliyun knows the text by a template code and is given the values of its variables. Our message id goes along as `OutId`:
//! it does not keep Aliyun from sending twice, so after an unknown outcome we look for it among what was sent to the
//! number that day (`QuerySendDetails`). What is listed there is named by no `BizId`: such a message goes by our own id.

mod codes;
mod signature;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{FixedOffset, TimeDelta};
use esign_config::SmsGateway as Settings;
use esign_domain::{
    clock::{Clock, Random},
    personal::Mobile,
    sms::port::{OutgoingSms, SmsFailure, SmsGateway},
};
use reqwest::{Client, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use url::Url;

use super::{
    call,
    sms_failure::{class_of, failure, told, unanswered, unexplained},
};
use signature::{Signer, canonical_query};

const VERSION: &str = "2017-05-25";
/// Details of a message are listed some seconds after it was taken. Aliyun promises no time; this is generous.
const LOOKUP_LAG: TimeDelta = TimeDelta::seconds(60);
/// How many messages to a number in a day are looked through; our own limits allow fewer.
const PAGE: &str = "50";
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours");

/// One account at Aliyun.
pub struct SmsAliyun {
    settings: Settings,
    url: Url,
    client: Client,
    clock: Arc<dyn Clock>,
    random: Random,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    biz_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    #[serde(rename = "SmsSendDetailDTOs")]
    list: DetailList,
}

#[derive(Deserialize)]
struct DetailList {
    #[serde(rename = "SmsSendDetailDTO")]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    #[serde(default)]
    out_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    code: String,
    #[serde(default)]
    message: String,
}

impl SmsAliyun {
    /// An account as configured. `random` makes each request one of its kind.
    pub fn new(settings: Settings, timeout: Duration, clock: Arc<dyn Clock>, random: Random) -> anyhow::Result<Self> {
        let url = Url::parse(&settings.url)?;
        Ok(Self { settings, url, client: call::client(timeout)?, clock, random })
    }

    async fn call<T: DeserializeOwned>(&self, action: &str, query: &[(&str, &str)]) -> Result<T, SmsFailure> {
        let signer = Signer { key_id: &self.settings.access_key, secret: self.settings.secret.expose() };
        let query = canonical_query(query);
        let nonce = hex::encode(self.random.bytes::<16>());
        let headers = signature::headers(&self.url, action, VERSION, self.clock.now(), &nonce);
        let authorization = signer.authorization("POST", "/", &query, &headers, b"");
        let mut url = self.url.clone();
        url.set_path("/");
        url.set_query(Some(&query));
        let request = self.client.post(url).header("authorization", authorization);
        // The client writes the host itself.
        let named = headers.iter().filter(|(name, _)| *name != "host");
        let request = named.fold(request, |request, (name, value)| request.header(*name, value));
        let (status, body) = call::ask(request).await.map_err(told)?;
        read(status, &body)
    }
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &Bytes) -> Result<T, SmsFailure> {
    let Ok(verdict) = serde_json::from_slice::<Verdict>(body) else { return Err(unexplained(status)) };
    if verdict.code != "OK" {
        return Err(failure(class_of(codes::TABLE, &verdict.code, status), &verdict.code, &verdict.message));
    }
    serde_json::from_slice(body).map_err(|_| unexplained(status))
}

/// A number as Aliyun writes it: eleven digits in the mainland, else with the country's code in front and no plus sign.
fn number(mobile: &Mobile) -> &str {
    let e164 = mobile.expose();
    e164.strip_prefix("+86").unwrap_or_else(|| e164.trim_start_matches('+'))
}

#[async_trait]
impl SmsGateway for SmsAliyun {
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
        let values: Map<String, Value> =
            sms.parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let values = Value::Object(values).to_string();
        let query = [
            ("PhoneNumbers", number(&sms.mobile)),
            ("SignName", &sms.sign_name),
            ("TemplateCode", sms.template_code.as_deref().unwrap_or_default()),
            ("TemplateParam", &values),
            ("OutId", &sms.message_id),
        ];
        Ok(self.call::<Sent>("SendSms", &query).await?.biz_id)
    }

    async fn lookup(&self, sms: &OutgoingSms) -> Result<Option<String>, SmsFailure> {
        let now = self.clock.now();
        // It may have been tried after midnight.
        let mut days = vec![sms.asked_at, now];
        days.dedup_by_key(|day| day.with_timezone(&CHINA).date_naive());
        for day in days {
            let day = day.with_timezone(&CHINA).format("%Y%m%d").to_string();
            let query =
                [("PhoneNumber", number(&sms.mobile)), ("SendDate", &day), ("PageSize", PAGE), ("CurrentPage", "1")];
            let told = self.call::<Details>("QuerySendDetails", &query).await.map_err(unanswered)?;
            if told.list.details.iter().any(|detail| detail.out_id.as_deref() == Some(&sms.message_id)) {
                return Ok(Some(sms.message_id.clone()));
            }
        }
        Ok(None)
    }

    fn lookup_lag(&self) -> TimeDelta {
        LOOKUP_LAG
    }
}

#[cfg(test)]
mod tests;
