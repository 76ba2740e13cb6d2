use std::collections::HashMap;

use esign_config::SmsGatewayKind::Aliyun;
use serde_json::json;

use super::*;
use crate::adapter::{
    carrier_rig::{Carrier, Heard, class, clock, settings, sms},
    sms_failure::Class,
};

fn at(carrier: &Carrier) -> SmsAliyun {
    let settings = settings(Aliyun, &carrier.url);
    SmsAliyun::new(settings, Duration::from_secs(5), clock(), Random::seeded(1)).unwrap()
}

async fn told(status: u16, answer: Value) -> Result<String, SmsFailure> {
    let carrier = Carrier::answering(vec![(status, answer)]).await;
    at(&carrier).send(&sms(clock().now())).await
}

/// What the carrier would find when it signs what it heard itself.
fn is_signed(heard: &Heard) -> bool {
    let names =
        ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];
    let headers = names.map(|name| (name, heard.headers[name].clone()));
    let signer = Signer { key_id: "key-id", secret: "key-secret" };
    let query = heard.uri.query().unwrap();
    heard.headers["authorization"]
        == signer.authorization(heard.method.as_str(), heard.uri.path(), query, &headers, heard.body.as_bytes())
}

#[tokio::test]
async fn a_message_goes_out_as_aliyun_asks_for_it() {
    let taken = json!({"Code": "OK", "Message": "OK", "BizId": "9006^0", "RequestId": "r"});
    let carrier = Carrier::answering(vec![(200, taken)]).await;
    let aliyun = at(&carrier);
    assert_eq!(aliyun.send(&sms(clock().now())).await, Ok("9006^0".into()));
    assert_eq!(aliyun.send(&sms(clock().now())).await, Ok("9006^0".into()));
    let heard = carrier.heard();
    assert!(heard.iter().all(is_signed));
    assert_ne!(heard[0].headers["x-acs-signature-nonce"], heard[1].headers["x-acs-signature-nonce"]);
    assert_eq!(heard[0].headers["x-acs-action"], "SendSms");
    assert_eq!(heard[0].headers["x-acs-version"], "2017-05-25");
    let expected = HashMap::from(
        [
            ("PhoneNumbers", "13800138000"),
            ("SignName", "云帆"),
            ("TemplateCode", "T-1"),
            ("TemplateParam", r#"{"linkCode":"abc","subjectName":"张三"}"#),
            ("OutId", "sms_1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(heard[0].query(), expected, "and our own address is no parameter");
}

#[test]
fn numbers_are_written_as_aliyun_writes_them() {
    for (e164, expected) in [("+8613800138000", "13800138000"), ("+85261234567", "85261234567")] {
        assert_eq!(number(&Mobile::parse(e164).unwrap()), expected);
    }
}

#[tokio::test]
async fn codes_are_classed_by_what_they_mean() {
    use Class::{Final, Limited, Refused, Unknown};
    for (status, code, expected) in [
        (200, "isv.BUSINESS_LIMIT_CONTROL", Limited),
        (200, "isv.DAY_LIMIT_CONTROL", Limited),
        (200, "isv.MONTH_LIMIT_CONTROL", Limited),
        (400, "Throttling.User", Limited),
        (200, "isv.MOBILE_NUMBER_ILLEGAL", Final),
        (200, "isp.SYSTEM_ERROR", Unknown),
        (400, "SignatureNonceUsed", Unknown),
        (500, "InternalError", Unknown),
        (503, "ServiceUnavailable", Unknown),
        (200, "isp.RAM_PERMISSION_DENY", Refused),
        (200, "isv.OUT_OF_SERVICE", Refused),
        (200, "isv.AMOUNT_NOT_ENOUGH", Refused),
        (200, "isv.PRODUCT_UN_SUBSCRIPT", Refused),
        (200, "isv.ACCOUNT_ABNORMAL", Refused),
        (200, "isv.SMS_SIGNATURE_ILLEGAL", Refused),
        (200, "isv.SMS_SIGNATURE_SCENE_ILLEGAL", Refused),
        (200, "isv.SMS_TEMPLATE_ILLEGAL", Refused),
        (200, "isv.TEMPLATE_MISSING_PARAMETERS", Refused),
        (200, "isv.INVALID_PARAMETERS", Refused),
        (200, "isv.PARAM_LENGTH_LIMIT", Refused),
        (200, "isv.PARAM_NOT_SUPPORT_URL", Refused),
        (200, "isv.BLACK_KEY_CONTROL_LIMIT", Refused),
        (200, "isv.SMS_CONTENT_ILLEGAL", Refused),
        (400, "SignatureDoesNotMatch", Refused),
        (400, "InvalidTimeStamp.Expired", Refused),
        (404, "InvalidAccessKeyId.NotFound", Refused),
        (400, "SomethingNew", Refused),
        (200, "SomethingNew", Unknown),
    ] {
        let failure = told(status, json!({"Code": code, "Message": "because"})).await.unwrap_err();
        assert_eq!(class(&failure), Some(expected), "{status} {code}");
        assert!(failure.to_string().contains(&format!("{code}: because")), "{failure}");
    }
}

#[tokio::test]
async fn what_explains_nothing_is_judged_by_its_status() {
    for (status, answer, expected) in [
        (200, json!({"Code": "OK"}), Some(Class::Unknown)),
        (200, json!("?"), Some(Class::Unknown)),
        (502, json!("?"), Some(Class::Unknown)),
        (503, json!("?"), None),
        (404, json!("?"), Some(Class::Refused)),
    ] {
        assert_eq!(class(&told(status, answer).await.unwrap_err()), expected, "{status}");
    }
    let nobody =
        SmsAliyun::new(settings(Aliyun, "http://127.0.0.1:1"), Duration::from_secs(5), clock(), Random::seeded(1));
    let failure = nobody.unwrap().send(&sms(clock().now())).await.unwrap_err();
    assert!(matches!(failure, SmsFailure::Retryable { .. }), "{failure}");
}

#[tokio::test]
async fn after_an_unknown_outcome_it_is_looked_for_among_what_was_sent_that_day() {
    let listed = |out_ids: &[&str]| {
        let details: Vec<_> = out_ids.iter().map(|id| json!({"OutId": id, "SendStatus": 1, "PhoneNum": "1"})).collect();
        (200, json!({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}, "TotalCount": "1"}))
    };
    let carrier = Carrier::answering(vec![listed(&["sms_0", "sms_1"])]).await;
    assert_eq!(at(&carrier).lookup(&sms(clock().now())).await, Ok(Some("sms_1".into())));
    let heard = carrier.heard();
    assert!(is_signed(&heard[0]) && heard.len() == 1);
    assert_eq!(heard[0].headers["x-acs-action"], "QuerySendDetails");
    let query = heard[0].query();
    assert_eq!((&*query["PhoneNumber"], &*query["SendDate"]), ("13800138000", "20261231"), "the day in China");

    // Asked for yesterday and perhaps sent today.
    let carrier = Carrier::answering(vec![listed(&["sms_0"]), listed(&[])]).await;
    assert_eq!(at(&carrier).lookup(&sms(clock().now() - TimeDelta::days(1))).await, Ok(None));
    let days: Vec<_> = carrier.heard().iter().map(|heard| heard.query()["SendDate"].clone()).collect();
    assert_eq!(days, ["20261230", "20261231"]);

    for answer in [(200, json!({"Code": "isv.INVALID_PARAMETERS"})), (502, json!("?")), (200, json!({"Code": "OK"}))] {
        let carrier = Carrier::answering(vec![answer]).await;
        let told = at(&carrier).lookup(&sms(clock().now())).await;
        assert!(matches!(told, Err(SmsFailure::Retryable { .. })), "no answer, no news: {told:?}");
    }
    assert!(at(&carrier).lookup_lag() > TimeDelta::zero() && at(&carrier).needs_template_code());
}
