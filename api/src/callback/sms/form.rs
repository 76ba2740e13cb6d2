//! The forms in which gateways tell what became of messages: one or many at a time, and how each is thanked.

use esign_config::SmsGatewayKind;
use esign_domain::sms::receipt::Receipt;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// What the generic contract says; more may stand in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generic {
    gateway_message_id: String,
    message_id: Option<String>,
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

/// `SmsReport` by HTTP batch push: <https://help.aliyun.com/zh/sms/developer-reference/smsreport-2>.
#[derive(Deserialize)]
struct Aliyun {
    biz_id: String,
    out_id: Option<String>,
    success: bool,
    err_code: Option<String>,
}

/// 短信下发状态通知: <https://cloud.tencent.com/document/product/382/5807>.
#[derive(Deserialize)]
struct Tencent {
    sid: String,
    report_status: String,
    errmsg: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

/// The receipts of a call; none when it is no receipt of this kind of gateway.
pub(super) fn read(kind: SmsGatewayKind, body: &[u8]) -> Option<Vec<Receipt>> {
    match kind {
        SmsGatewayKind::Http => all(body, |told: Generic| Receipt {
            gateway_message_id: told.gateway_message_id,
            message_id: told.message_id,
            failure: (told.status == Fate::Failed).then(|| named(told.code)),
        }),
        SmsGatewayKind::Aliyun => all(body, |told: Aliyun| Receipt {
            gateway_message_id: told.biz_id,
            message_id: told.out_id,
            failure: (!told.success).then(|| named(told.err_code)),
        }),
        SmsGatewayKind::Tencent => all(body, |told: Tencent| Receipt {
            gateway_message_id: told.sid,
            message_id: None,
            failure: (told.report_status != "SUCCESS").then(|| named(told.errmsg)),
        }),
    }
}

fn all<T: DeserializeOwned>(body: &[u8], receipt: impl Fn(T) -> Receipt) -> Option<Vec<Receipt>> {
    Some(match serde_json::from_slice(body).ok()? {
        OneOrMany::Many(many) => many.into_iter().map(receipt).collect(),
        OneOrMany::One(one) => vec![receipt(one)],
    })
}

fn named(code: Option<String>) -> String {
    code.filter(|code| !code.is_empty()).unwrap_or_else(|| "UNKNOWN".into())
}

/// What a gateway takes for thanks; it sends again what it wasn't thanked for.
pub(super) fn thanks(kind: SmsGatewayKind) -> Value {
    match kind {
        SmsGatewayKind::Http => json!({"ok": true}),
        SmsGatewayKind::Aliyun => json!({"code": 0, "msg": "成功"}),
        SmsGatewayKind::Tencent => json!({"result": 0, "errmsg": "OK"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(id: &str, message_id: Option<&str>, failure: Option<&str>) -> Receipt {
        Receipt {
            gateway_message_id: id.into(),
            message_id: message_id.map(str::to_owned),
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn each_kind_is_read_in_its_own_form_and_in_no_other() {
        let generic = r#"{"gatewayMessageId": "g-1", "status": "FAILED", "code": "OFF", "more": 1}"#;
        let generics = r#"[{"gatewayMessageId": "g-1", "messageId": "sms_1", "status": "DELIVERED"},
            {"gatewayMessageId": "g-2", "status": "FAILED"}]"#;
        // As published, with a second one that failed.
        let aliyun = r#"[{"phone_number": "13811112222", "send_time": "2017-01-01 00:00:00",
            "report_time": "2017-01-01 00:00:00", "success": true, "err_code": "DELIVERED", "err_msg": "用户接收成功",
            "sms_size": "1", "biz_id": "12345", "out_id": "67890"},
            {"success": false, "err_code": "MK:0001", "biz_id": "12346"}]"#;
        let tencent = r#"[{"user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13xxxxxxxxx",
            "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "s-1"},
            {"report_status": "FAIL", "errmsg": "MK:0005", "sid": "s-2"}]"#;
        let table = [
            (SmsGatewayKind::Http, generic, vec![receipt("g-1", None, Some("OFF"))]),
            (
                SmsGatewayKind::Http,
                generics,
                vec![receipt("g-1", Some("sms_1"), None), receipt("g-2", None, Some("UNKNOWN"))],
            ),
            (
                SmsGatewayKind::Aliyun,
                aliyun,
                vec![receipt("12345", Some("67890"), None), receipt("12346", None, Some("MK:0001"))],
            ),
            (SmsGatewayKind::Tencent, tencent, vec![receipt("s-1", None, None), receipt("s-2", None, Some("MK:0005"))]),
        ];
        for (kind, body, expected) in &table {
            assert_eq!(read(*kind, body.as_bytes()).as_ref(), Some(expected));
            let others = table.iter().filter(|(other, ..)| other != kind);
            for (other, ..) in others {
                assert_eq!(read(*other, body.as_bytes()), None, "{body} as of {other:?}");
            }
        }
        for nonsense in ["", "1", "{}", r#"[{"biz_id": "1"}]"#, r#"{"gatewayMessageId": "g", "status": "LOST"}"#] {
            assert!(
                [SmsGatewayKind::Http, SmsGatewayKind::Aliyun, SmsGatewayKind::Tencent].iter().all(|kind| read(
                    *kind,
                    nonsense.as_bytes()
                )
                .is_none())
            );
        }
        assert_eq!(read(SmsGatewayKind::Tencent, b"[]"), Some(Vec::new()));
    }
}
