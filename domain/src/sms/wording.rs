//! In which words a message goes out, and under which codes: the version of the template that its flow was started with.
//!
//! The words are those of that version for ever. What carriers call them and whether they approved them is read from the
//! newest version with the same words, because a review takes days and counts when it comes.

use std::collections::BTreeMap;

use sea_orm::{EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::{
    entity::sms_template_version,
    message,
    port::SmsGateway,
    template::{self, GatewayTemplate},
};
use crate::{
    App,
    error::{Error, Result},
    ids::SmsTemplateId,
    terms::TemplateReview,
};

/// The words of a message and what gateways know of them.
pub(super) struct Wording {
    /// Text with `{{ variables }}`.
    pub body: String,
    /// 签名; none: the gateway's own.
    pub sign_name: Option<String>,
    known: Vec<GatewayTemplate>,
}

/// How a message may go to a gateway.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Permit {
    /// Under this code, if it is known by one.
    Under(Option<String>),
    /// Not: the carrier does not know the template, or has not approved it.
    None,
}

/// The words of a template in one of its versions.
pub(super) async fn of_version(app: &App, template: SmsTemplateId, version: i32) -> Result<Wording> {
    use sms_template_version::Column;
    let versions = sms_template_version::Entity::find()
        .filter(Column::TemplateId.eq(template))
        .filter(Column::Version.gte(version))
        .order_by_asc(Column::Version)
        .all(app.db.read())
        .await?;
    Wording::newest(versions)
}

impl Wording {
    /// Of the first of these versions, with what the newest of them in the same words says of gateways.
    fn newest(versions: Vec<sms_template_version::Model>) -> Result<Self> {
        let mut versions = versions.into_iter();
        let first = versions.next().ok_or(Error::NotFound)?;
        let newest = versions.rfind(|later| (&later.body, &later.sign_name) == (&first.body, &first.sign_name));
        let known = newest.map_or(first.gateway_templates, |newest| newest.gateway_templates);
        Ok(Self { body: first.body, sign_name: first.sign_name, known: serde_json::from_value(known)? })
    }

    /// Whether and how it may go to a gateway.
    pub fn permit(&self, gateway: &dyn SmsGateway) -> Permit {
        match self.known.iter().find(|known| known.gateway == gateway.name()) {
            Some(known) if known.review == TemplateReview::Approved => Permit::Under(Some(known.code.clone())),
            Some(_) => Permit::None,
            None if gateway.needs_template_code() => Permit::None,
            None => Permit::Under(None),
        }
    }

    /// The code at a gateway, approved or not: for asking about a message that went there when it was.
    pub fn code_at(&self, gateway: &str) -> Option<String> {
        self.known.iter().find(|known| known.gateway == gateway).map(|known| known.code.clone())
    }

    /// The text as the phone shows it.
    pub fn text(&self, variables: &BTreeMap<String, String>) -> String {
        message::worded(&self.body, self.sign_name.as_deref(), variables)
    }

    /// What a carrier's template is filled with: see [`super::port::OutgoingSms::parameters`].
    pub fn parameters(&self, variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for name in template::names(&self.body) {
            let is_new = name != message::PUBLIC_URL && parameters.iter().all(|(known, _)| known != name);
            if let Some(value) = variables.get(name).filter(|_| is_new) {
                parameters.push((name.to_owned(), value.clone()));
            }
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::DateTime;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::sms::port::{OutgoingSms, SmsFailure};

    struct Named(&'static str, bool);

    #[async_trait]
    impl SmsGateway for Named {
        fn name(&self) -> &str {
            self.0
        }
        fn sign_name(&self) -> &'static str {
            ""
        }
        fn needs_template_code(&self) -> bool {
            self.1
        }
        async fn send(&self, _: &OutgoingSms) -> Result<String, SmsFailure> {
            unreachable!("nothing is sent here")
        }
    }

    fn version(
        number: i32,
        body: &str,
        sign_name: Option<&str>,
        gateway_templates: Value,
    ) -> sms_template_version::Model {
        sms_template_version::Model {
            template_id: SmsTemplateId::new(Uuid::nil()),
            version: number,
            body: body.into(),
            sign_name: sign_name.map(str::to_owned),
            gateway_templates,
            made_by: None,
            made_at: DateTime::UNIX_EPOCH,
        }
    }

    fn entry(code: &str, review: &str) -> Value {
        json!([{"gateway": "carrier", "code": code, "review": review, "note": null}])
    }

    #[test]
    fn a_review_counts_when_it_comes_and_other_words_are_another_matter() {
        let carrier = Named("carrier", true);
        let permit = |versions: Vec<_>| Wording::newest(versions).unwrap().permit(&carrier);
        let pending = || version(2, "a", Some("s"), entry("SMS_1", "PENDING"));
        let approved = |body: &str, sign: &str| version(3, body, Some(sign), entry("SMS_2", "APPROVED"));
        assert_eq!(permit(vec![pending()]), Permit::None);
        assert_eq!(permit(vec![pending(), approved("a", "s")]), Permit::Under(Some("SMS_2".into())));
        assert_eq!(permit(vec![pending(), approved("b", "s")]), Permit::None, "other words");
        assert_eq!(permit(vec![pending(), approved("a", "t")]), Permit::None, "another sign name");
        let withdrawn = version(4, "a", Some("s"), entry("SMS_2", "REJECTED"));
        assert_eq!(permit(vec![pending(), approved("a", "s"), withdrawn]), Permit::None, "the newest review counts");
        assert!(Wording::newest(Vec::new()).is_err());
    }

    #[test]
    fn who_needs_a_code_gets_one_or_nothing() {
        for (known, with_need, without) in [
            (json!([]), Permit::None, Permit::Under(None)),
            (entry("C", "APPROVED"), Permit::Under(Some("C".into())), Permit::Under(Some("C".into()))),
            (entry("C", "PENDING"), Permit::None, Permit::None),
            (entry("C", "REJECTED"), Permit::None, Permit::None),
            (json!([{"gateway": "another", "code": "C", "review": "APPROVED"}]), Permit::None, Permit::Under(None)),
        ] {
            let wording = Wording::newest(vec![version(1, "a", None, known.clone())]).unwrap();
            let told = (wording.permit(&Named("carrier", true)), wording.permit(&Named("carrier", false)));
            assert_eq!(told, (with_need, without), "{known}");
        }
    }

    #[test]
    fn parameters_stand_as_the_text_first_asks_for_them_and_our_address_is_none() {
        let body = "{{ subjectName }}您好, {{clientName}}请{{ subjectName }}签{{ unknown }}: {{ publicUrl }}/s/{{ linkCode }} .";
        let wording = Wording::newest(vec![version(1, body, None, json!([]))]).unwrap();
        let names = ["clientName", "linkCode", "publicUrl", "sceneName", "subjectName"];
        let variables = names.map(|name| (name.to_owned(), format!("<{name}>"))).into();
        let expected = ["subjectName", "clientName", "linkCode"].map(|name| (name.to_owned(), format!("<{name}>")));
        assert_eq!(wording.parameters(&variables), expected);
    }
}
