//! `GET /admin/sms-templates/{id}/comparison?from=1&to=2`: what differs between two versions.

use axum::extract::Path;
use esign_domain::{
    Error,
    sms::{entity::sms_template_version, template::query},
};
use serde::Serialize;

use super::{named, sample};
use crate::{
    difference::{self, Span},
    drawing::Drawing,
    nav::Place,
    page::Page,
    version::{Pair, Version},
    visit::{Answer, Refusal, Visit},
};

/// The difference.
#[derive(Debug, Clone, Serialize)]
pub struct ComparePage {
    id: String,
    name: String,
    pair: Pair,
    body: Vec<Span>,
    /// Whether the texts are the same.
    same: bool,
    sign_name: Option<(String, String)>,
    gateways: Vec<Span>,
}

impl Page for ComparePage {
    const TEMPLATE: &'static str = "sms/compare.html";
    const TITLE: &'static str = "sms-compare";
    const PLACE: Place = Place::Sms;
}

/// `GET /admin/sms-templates/{id}/comparison`.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let template = named(&visit, &id).await?;
    let versions = query::versions(visit.app(), &[template.id]).await?;
    let told = versions
        .iter()
        .map(|version| Version::of(&visit, version.version, version.made_by.as_deref(), version.made_at));
    let pair = Pair::asked(&visit, told.collect())?;
    let find = |of: &Version| versions.iter().find(|version| version.version == of.number).ok_or(Error::NotFound);
    let (old, new) = (find(&pair.from)?, find(&pair.to)?);
    let sign = |version: &sms_template_version::Model| version.sign_name.clone().unwrap_or_default();
    visit.page(&ComparePage {
        id: template.id.to_string(),
        name: template.name.clone(),
        body: difference::characters(&old.body, &new.body),
        same: old.body == new.body,
        sign_name: (old.sign_name != new.sign_name).then(|| (sign(old), sign(new))),
        gateways: difference::characters(&codes(old)?, &codes(new)?),
        pair,
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

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let new = sample::BODY.replace("expireAt", "expiresAt").replace("勿转发他人", "请勿转发");
    let page = ComparePage {
        id: sample::ID.into(),
        name: "会员结算签约邀请".into(),
        pair: Pair::sample(4, &sample::moment()),
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
