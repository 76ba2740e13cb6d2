use esign_config::SmsGatewayKind::Tencent;

use super::*;
use crate::adapter::{
    carrier_rig::{Carrier, Heard, class, clock, settings, sms},
    sms_failure::Class,
};

fn at(carrier: &Carrier) -> SmsTencent {
    SmsTencent::new(settings(Tencent, &carrier.url), Duration::from_secs(5), clock()).unwrap()
}

fn verdict(code: &str) -> Value {
    let serial_no = if code == "Ok" { "2028:f825" } else { "" };
    let set = json!([{"SerialNo": serial_no, "PhoneNumber": "+8613800138000", "Fee": 1, "SessionContext": "sms_1",
        "Code": code, "Message": "because", "IsoCode": "CN"}]);
    json!({"Response": {"SendStatusSet": set, "RequestId": "r"}})
}

fn error(code: &str) -> Value {
    json!({"Response": {"Error": {"Code": code, "Message": "because"}, "RequestId": "r"}})
}

async fn told(status: u16, answer: Value) -> Result<String, SmsFailure> {
    let carrier = Carrier::answering(vec![(status, answer)]).await;
    at(&carrier).send(&sms(clock().now())).await
}

/// What the carrier would find when it signs what it heard itself.
fn is_signed(heard: &Heard) -> bool {
    let action = heard.headers["x-tc-action"].to_lowercase();
    let headers =
        [("content-type", &*heard.headers["content-type"]), ("host", &heard.headers["host"]), ("x-tc-action", &action)];
    let signer = Signer { id: "key-id", key: "key-secret", service: "sms" };
    let now = DateTime::from_timestamp(heard.headers["x-tc-timestamp"].parse().unwrap(), 0).unwrap();
    heard.headers["authorization"] == signer.authorization(&headers, heard.body.as_bytes(), now)
}

#[tokio::test]
async fn a_message_goes_out_as_tencent_asks_for_it() {
    let carrier = Carrier::answering(vec![(200, verdict("Ok"))]).await;
    assert_eq!(at(&carrier).send(&sms(clock().now())).await, Ok("2028:f825".into()));
    let heard = &carrier.heard()[0];
    assert!(is_signed(heard));
    let named = ["x-tc-action", "x-tc-version", "x-tc-region"].map(|name| heard.headers[name].as_str());
    assert_eq!(named, ["SendSms", "2021-01-11", "ap-guangzhou"]);
    let expected = json!({"PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666", "SignName": "云帆",
        "TemplateId": "T-1", "TemplateParamSet": ["张三", "abc"], "SessionContext": "sms_1"});
    assert_eq!(heard.json(), expected, "values in the order of the text, and our own address is none");
}

#[tokio::test]
async fn codes_are_classed_by_what_they_mean() {
    use Class::{Final, Limited, Refused, Unknown};
    for (code, expected) in [
        ("LimitExceeded.PhoneNumberDailyLimit", Limited),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", Limited),
        ("LimitExceeded.DeliveryFrequencyLimit", Limited),
        ("RequestLimitExceeded.UinLimitExceeded", Limited),
        ("FailedOperation.MarketingSendTimeConstraint", Limited),
        ("InvalidParameterValue.IncorrectPhoneNumber", Final),
        ("FailedOperation.PhoneNumberInBlacklist", Final),
        ("FailedOperation.PhoneNumberParseFail", Final),
        ("InternalError.Timeout", Unknown),
        ("InternalError.SendAndRecvFail", Unknown),
        ("InternalError", Unknown),
        ("InternalError.SigVerificationFail", Refused),
        ("InternalError.RequestTimeException", Refused),
        ("FailedOperation.InsufficientBalanceInSmsPackage", Refused),
        ("FailedOperation.SignatureIncorrectOrUnapproved", Refused),
        ("FailedOperation.TemplateIncorrectOrUnapproved", Refused),
        ("FailedOperation.ContainSensitiveWord", Refused),
        ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", Refused),
        ("InvalidParameterValue.SdkAppIdNotExist", Refused),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", Refused),
        ("UnsupportedOperation", Refused),
        ("AuthFailure.SignatureFailure", Refused),
        ("AuthFailure.SignatureExpire", Refused),
        ("SomethingNew", Unknown),
    ] {
        for answer in [verdict(code), error(code)] {
            let failure = told(200, answer).await.unwrap_err();
            assert_eq!(class(&failure), Some(expected), "{code}");
            assert!(failure.to_string().contains(&format!("{code}: because")), "{failure}");
        }
    }
}

#[tokio::test]
async fn what_explains_nothing_is_judged_by_its_status() {
    for (status, answer, expected) in [
        (200, json!({"Response": {"SendStatusSet": []}}), Some(Class::Unknown)),
        (200, json!("?"), Some(Class::Unknown)),
        (502, json!("?"), Some(Class::Unknown)),
        (503, json!("?"), None),
        (403, json!("?"), Some(Class::Refused)),
    ] {
        assert_eq!(class(&told(status, answer).await.unwrap_err()), expected, "{status}");
    }
}

#[tokio::test]
async fn after_an_unknown_outcome_it_is_looked_for_among_what_is_known_of_the_number() {
    let known = |contexts: &[&str]| {
        let set: Vec<_> = contexts
            .iter()
            .map(|id| json!({"SerialNo": format!("no-{id}"), "SessionContext": id, "ReportStatus": "SUCCESS"}))
            .collect();
        json!({"Response": {"PullSmsSendStatusSet": set, "RequestId": "r"}})
    };
    let carrier = Carrier::answering(vec![(200, known(&["sms_0", "sms_1"])), (200, known(&["sms_0"]))]).await;
    let asked_at = clock().now() - TimeDelta::minutes(20);
    assert_eq!(at(&carrier).lookup(&sms(asked_at)).await, Ok(Some("no-sms_1".into())));
    assert_eq!(at(&carrier).lookup(&sms(clock().now() - TimeDelta::days(30))).await, Ok(None));
    let heard = carrier.heard();
    assert!(heard.iter().all(is_signed));
    assert_eq!(heard[0].headers["x-tc-action"], "PullSmsSendStatusByPhoneNumber");
    let body = heard[0].json();
    assert_eq!(
        (&body["PhoneNumber"], &body["SmsSdkAppId"], &body["Offset"]),
        (&json!("+8613800138000"), &json!("1400006666"), &json!(0))
    );
    assert!(body["BeginTime"].as_i64().unwrap() < asked_at.timestamp());
    let week_ago = (clock().now() - TimeDelta::days(7)).timestamp();
    assert_eq!(heard[1].json()["BeginTime"], week_ago, "as far as Tencent looks back");

    for answer in [(200, error("FailedOperation")), (502, json!("?")), (200, json!({"Response": {}}))] {
        let carrier = Carrier::answering(vec![answer]).await;
        let told = at(&carrier).lookup(&sms(asked_at)).await;
        assert!(matches!(told, Err(SmsFailure::Retryable { .. })), "no answer, no news: {told:?}");
    }
    assert!(at(&carrier).lookup_lag() > TimeDelta::zero() && at(&carrier).needs_template_code());
}
