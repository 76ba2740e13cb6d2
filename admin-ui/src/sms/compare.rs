//! `GET /admin/sms-templates/{id}/comparison?from=1&to=2`: what differs between two versions.

use axum::extract::Path;
use esign_domain::{
    Error,
    sms::{entity::sms_template_version, template::query},
};
use serde::Serialize;

use super::{named, sample};
use crate::{
    author::author,
    difference::{self, Span},
    moment::Moment,
    nav::Place,
    page::{Drawing, Page},
    visit::{Answer, Refusal, Visit},
};

/// The difference.
#[derive(Debug, Clone, Serialize)]
pub struct ComparePage {
    id: String,
    name: String,
    versions: Vec<i32>,
    from: Side,
    to: Side,
    body: Vec<Span>,
    /// Whether the texts are the same.
    same: bool,
    sign_name: Option<(String, String)>,
    gateways: Vec<Span>,
}

/// One of the two.
#[derive(Debug, Clone, Serialize)]
struct Side {
    number: i32,
    by: Option<String>,
    at: Moment,
}

impl Page for ComparePage {
    fn template(&self) -> &'static str {
        "sms/compare.html"
    }

    fn title(&self) -> &'static str {
        "sms-compare"
    }

    fn place(&self) -> Place {
        Place::Sms
    }
}

/// `GET /admin/sms-templates/{id}/comparison`. Left out, it is the newest and the one before it.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let template = named(&visit, &id).await?;
    let versions = query::versions(visit.app(), &[template.id]).await?;
    let to = visit.query().parsed("to").unwrap_or(template.version);
    let from = visit.query().parsed("from").unwrap_or((to - 1).max(1));
    let find = |number: i32| versions.iter().find(|version| version.version == number).ok_or(Error::NotFound);
    let (old, new) = (find(from)?, find(to)?);
    let sign = |version: &sms_template_version::Model| version.sign_name.clone().unwrap_or_default();
    visit.page(&ComparePage {
        id: template.id.to_string(),
        name: template.name.clone(),
        versions: versions.iter().map(|version| version.version).collect(),
        from: Side::of(&visit, old),
        to: Side::of(&visit, new),
        body: difference::characters(&old.body, &new.body),
        same: old.body == new.body,
        sign_name: (old.sign_name != new.sign_name).then(|| (sign(old), sign(new))),
        gateways: difference::characters(&codes(old)?, &codes(new)?),
    })
}

/// What it was called at gateways, a line each.
fn codes(version: &sms_template_version::Model) -> Result<String, Refusal> {
    let line = |entry: esign_domain::sms::template::GatewayTemplate| {
        let note = entry.note.map(|note| format!(" · {note}")).unwrap_or_default();
        format!("{} · {} · {}{note}", entry.gateway, entry.code, entry.review)
    };
    Ok(version.gateway_templates()?.into_iter().map(line).collect::<Vec<_>>().join("\n"))
}

impl Side {
    fn of(visit: &Visit, version: &sms_template_version::Model) -> Self {
        Self {
            number: version.version,
            by: author(visit.language(), version.made_by.as_deref()),
            at: Moment::of(visit.language(), version.made_at, visit.app().now()),
        }
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let side = |number| Side { number, by: Some("lan".into()), at: sample::moment() };
    let new = sample::BODY.replace("expireAt", "expiresAt").replace("勿转发他人", "请勿转发");
    let page = ComparePage {
        id: sample::ID.into(),
        name: "会员结算签约邀请".into(),
        versions: vec![4, 3, 2, 1],
        from: side(3),
        to: side(4),
        body: difference::characters(sample::BODY, &new),
        same: false,
        sign_name: Some(("云帆".into(), "云帆商户通".into())),
        gateways: difference::characters("tencent · 1860442 · PENDING", "tencent · 1860442 · APPROVED"),
    };
    let same = ComparePage {
        body: difference::characters(sample::BODY, sample::BODY),
        same: true,
        sign_name: None,
        gateways: Vec::new(),
        ..page.clone()
    };
    vec![Drawing::new("sms-compare", page), Drawing::new("sms-compare-same", same)]
}
