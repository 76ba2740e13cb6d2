//! The message of a flow: its variables and its text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{entity::sms_template, template::render};
use crate::{App, agreement::data::chinese_time, flow::input::StartSignFlow};

/// What stands in place of the link's code where no link exists yet.
pub const PLACEHOLDER_CODE: &str = "0000000000000000000000";

/// The variable that holds our own address: carriers know it as part of the text.
pub const PUBLIC_URL: &str = "publicUrl";

/// The values a template may use.
pub fn variables(
    app: &App,
    input: &StartSignFlow,
    (client_name, agreement_name): (&str, &str),
    expires_at: DateTime<Utc>,
    link_code: &str,
) -> BTreeMap<String, String> {
    let subject = input.subject();
    [
        ("subjectName", subject.name().to_owned()),
        ("agreementName", agreement_name.to_owned()),
        ("sceneName", input.scene.chinese().to_owned()),
        ("expiresAt", chinese_time(expires_at)),
        ("clientName", client_name.to_owned()),
        (PUBLIC_URL, app.settings.server.public_url.clone()),
        ("linkCode", link_code.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The text as the phone shows it, the sign name in front where the template names one.
pub fn text(template: &sms_template::Model, variables: &BTreeMap<String, String>) -> String {
    worded(&template.body, template.sign_name.as_deref(), variables)
}

/// The same of a body and a sign name.
pub(super) fn worded(body: &str, sign_name: Option<&str>, variables: &BTreeMap<String, String>) -> String {
    let body = render(body, variables);
    match sign_name {
        Some(sign) => format!("【{sign}】{body}"),
        None => body,
    }
}
