//! What every text may print: subject, client, scene, fund purpose, dates, and the agreement's own variables.
//! Numbers of documents, phones and accounts stand masked; the auth system is what ties them to a person.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::{Value, json};

use crate::flow::input::StartSignFlow;

/// The data of one flow's documents, frozen when the flow starts.
pub fn of(input: &StartSignFlow, client_name: &str, started_at: DateTime<Utc>, expires_at: DateTime<Utc>) -> Value {
    let subject = input.subject();
    json!({
        "flowNo": input.flow_no,
        "scene": input.scene,
        "sceneName": input.scene.chinese(),
        "fundPurpose": input.fund_purpose,
        "clientName": client_name,
        "subject": {
            "type": subject.kind,
            "roleName": subject.role.chinese(),
            "subjectNo": subject.subject_no,
            "name": subject.name(),
            "idDocumentTypeName": subject.id_document_type.chinese(),
            "idDocumentNumber": subject.id_number.masked(),
            "mobile": subject.mobile.masked(),
            "signatoryName": subject.signatory_name.as_ref().map(|name| name.expose().to_owned()),
            "bankName": subject.account.as_ref().map(|account| account.bank_name.clone()),
            "bankAccountNo": subject.account.as_ref().map(|account| account.number.masked()),
        },
        "startedOn": chinese_date(started_at),
        "expiresOn": chinese_date(expires_at),
        "variables": input.variables(),
    })
}

/// `2026年11月22日`, as it is in China.
pub fn chinese_date(time: DateTime<Utc>) -> String {
    in_china(time).format("%Y年%-m月%-d日").to_string()
}

/// `11 月 25 日 18:00`, as it is in China: how messages and pages say a time.
pub fn chinese_time(time: DateTime<Utc>) -> String {
    in_china(time).format("%-m 月 %-d 日 %H:%M").to_string()
}

fn in_china(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    time.with_timezone(&FixedOffset::east_opt(8 * 3600).expect("+08:00 is an offset"))
}
