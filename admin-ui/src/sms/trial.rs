//! `GET`, `POST /admin/sms-templates/{id}/test`: sending a template to a real phone, to see it there.

use axum::extract::Path;
use esign_domain::{
    Error,
    caller::Operation,
    sms::{self, entity::sms_template},
};
use serde::Serialize;

use super::{address, look::Look, named, sample};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Answer, Posted, Refusal, Visit},
};

/// The question.
#[derive(Debug, Clone, Serialize)]
pub struct TrialPage {
    id: String,
    name: String,
    version: i32,
    look: Look,
    /// Seconds between two messages to one number.
    gap: i64,
    /// Messages a day to one number.
    most: u64,
    typed: Fields,
    problems: Problems,
    /// Seconds until this number may be written to.
    wait: Option<i64>,
}

impl Page for TrialPage {
    const TEMPLATE: &'static str = "sms/trial.html";
    const TITLE: &'static str = "sms-test";
    const PLACE: Place = Place::Sms;
}

/// `GET /admin/sms-templates/{id}/test`.
pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller().require(Operation::SendTestSms)?;
    let template = named(&visit, &id).await?;
    visit.page(&TrialPage::of(&visit, &template).await?)
}

/// `POST /admin/sms-templates/{id}/test`.
pub async fn send(visit: Visit, Path(id): Path<String>, Posted(posted): Posted) -> Answer {
    visit.caller().require(Operation::SendTestSms)?;
    let template = named(&visit, &id).await?;
    let lang = visit.lang();
    let (problems, wait) = match sms::send_test(visit.app(), visit.caller(), template.id, posted.text("mobile")).await {
        Ok(_) => return visit.onward(&address(template.id), Some("done-sms-test")),
        Err(error @ Error::InvalidArgument(_)) => (Problems::of(&visit, error)?, None),
        Err(error @ Error::SmsRateLimited { retry_after_seconds, .. }) => {
            (Problems::whole(error.message(lang)), retry_after_seconds)
        }
        Err(error @ Error::SmsSendFailed) => (Problems::whole(error.message(lang)), None),
        Err(error) => return Err(error.into()),
    };
    let page = TrialPage::of(&visit, &template).await?;
    visit.again(&TrialPage { typed: posted, problems, wait, ..page })
}

impl TrialPage {
    async fn of(visit: &Visit, template: &sms_template::Model) -> Result<Self, Refusal> {
        let limits = &visit.app().settings.sms;
        Ok(Self {
            id: template.id.to_string(),
            name: template.name.clone(),
            version: template.version,
            look: Look::at(visit, &template.content()?).await?,
            gap: limits.mobile_gap_seconds,
            most: limits.mobile_max_per_day,
            typed: Fields::default(),
            problems: Problems::default(),
            wait: None,
        })
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let page = TrialPage {
        id: sample::ID.into(),
        name: "会员结算签约邀请".into(),
        version: 4,
        look: sample::look(false),
        gap: 60,
        most: 10,
        typed: Fields::default(),
        problems: Problems::default(),
        wait: None,
    };
    let wrong = TrialPage {
        typed: Fields::read(b"mobile=1380013"),
        problems: Problems::default().and("mobile", "11 位手机号".into()),
        ..page.clone()
    };
    let limited = TrialPage { problems: Problems::whole("刚发过短信".into()), wait: Some(42), ..page.clone() };
    vec![
        Drawing::new("sms-test", page),
        Drawing::new("sms-test-wrong", wrong),
        Drawing::new("sms-test-limited", limited),
    ]
}
