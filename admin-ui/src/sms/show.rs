//! `GET /admin/sms-templates/{id}`: a template, what it decides, what it was.

use axum::extract::Path;
use esign_domain::{
    decision,
    selector::{Question, Selector},
    sms::{
        entity::{sms_template, sms_template_version},
        template::{GatewayTemplate, query},
    },
    terms::{Scene, SubjectType},
};
use serde::Serialize;

use super::{look::Look, named, sample};
use crate::{
    author::author,
    drawing::Drawing,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// A template.
#[derive(Debug, Clone, Serialize)]
pub struct ShowPage {
    id: String,
    name: String,
    status: &'static str,
    version: i32,
    selector: Shown,
    /// How many of the three are fixed.
    fixed: u8,
    sign_name: Option<String>,
    gateways: Vec<Registered>,
    look: Look,
    cells: Vec<Cell>,
    versions: Vec<Version>,
}

/// A selector in words: names of terms, and nothing for any.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Shown {
    scene: Option<&'static str>,
    subject_type: Option<&'static str>,
    agreement_type: Option<String>,
}

/// A cell of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    scene: &'static str,
    subject_type: &'static str,
    agreement_type: String,
}

/// What it is called at a gateway.
#[derive(Debug, Clone, Serialize)]
struct Registered {
    gateway: String,
    code: String,
    review: &'static str,
    note: Option<String>,
}

/// What it was.
#[derive(Debug, Clone, Serialize)]
struct Version {
    number: i32,
    /// The one before it, to compare with.
    before: Option<i32>,
    by: Option<String>,
    at: Moment,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "sms/show.html";
    const TITLE: &'static str = "sms-one";
    const PLACE: Place = Place::Sms;
}

impl Shown {
    /// What a selector says.
    pub fn of(selector: &Selector) -> Self {
        Self {
            scene: selector.scene.map(Scene::as_str),
            subject_type: selector.subject_type.map(SubjectType::as_str),
            agreement_type: selector.agreement_type.clone(),
        }
    }
}

impl Cell {
    /// What a question asks.
    pub fn of(question: &Question) -> Self {
        Self {
            scene: question.scene.as_str(),
            subject_type: question.subject_type.as_str(),
            agreement_type: question.agreement_type.clone(),
        }
    }
}

/// `GET /admin/sms-templates/{id}`.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let template = named(&visit, &id).await?;
    let matrix = decision::matrix(visit.app(), visit.caller()).await?;
    let decides =
        |cell: &&decision::overview::Cell| cell.sms_template.as_ref().is_some_and(|won| won.id == template.id);
    let cells = matrix.overview().cells.iter().filter(decides).map(|cell| Cell::of(&cell.question)).collect();
    let versions = query::versions(visit.app(), &[template.id]).await?;
    let content = template.content()?;
    visit.page(&ShowPage {
        look: Look::at(&visit, &content).await?,
        cells,
        versions: versions.iter().map(|version| Version::of(&visit, version)).collect(),
        ..ShowPage::of(&template, content.gateway_templates)
    })
}

impl ShowPage {
    fn of(template: &sms_template::Model, gateways: Vec<GatewayTemplate>) -> Self {
        let code = |entry: GatewayTemplate| Registered {
            gateway: entry.gateway,
            code: entry.code,
            review: entry.review.as_str(),
            note: entry.note,
        };
        Self {
            id: template.id.to_string(),
            name: template.name.clone(),
            status: template.status.as_str(),
            version: template.version,
            selector: Shown::of(&template.selector()),
            fixed: template.selector().shape().fixed(),
            sign_name: template.sign_name.clone(),
            gateways: gateways.into_iter().map(code).collect(),
            look: Look::default(),
            cells: Vec::new(),
            versions: Vec::new(),
        }
    }
}

impl Version {
    fn of(visit: &Visit, version: &sms_template_version::Model) -> Self {
        Self {
            number: version.version,
            before: Some(version.version - 1).filter(|before| *before > 0),
            by: author(visit.language(), version.made_by.as_deref()),
            at: Moment::of(visit.language(), version.made_at, visit.app().now()),
        }
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let cell =
        |subject_type, code: &str| Cell { scene: "MEMBER_SETTLEMENT", subject_type, agreement_type: code.into() };
    let version = |number: i32| Version {
        number,
        before: Some(number - 1).filter(|before| *before > 0),
        by: Some("lan".into()),
        at: sample::moment(),
    };
    let code = Registered {
        gateway: "tencent".into(),
        code: "1860442".into(),
        review: "PENDING",
        note: Some("11-17 提交".into()),
    };
    let page = |status, wrong, cells: Vec<Cell>| ShowPage {
        id: sample::ID.into(),
        name: "会员结算签约邀请".into(),
        status,
        version: 4,
        selector: Shown { scene: Some("MEMBER_SETTLEMENT"), ..Shown::default() },
        fixed: 1,
        sign_name: Some("云帆商户通".into()),
        gateways: if wrong { vec![code.clone()] } else { Vec::new() },
        look: sample::look(wrong),
        cells,
        versions: (1..=4).rev().map(version).collect(),
    };
    let cells = vec![cell("CORPORATE", "PAYMENT_AGENCY_MANDATE"), cell("INDIVIDUAL", "SETTLEMENT_MANDATE")];
    vec![
        Drawing::new("sms-template", page("ENABLED", false, cells)),
        Drawing::new("sms-template-draft", page("DRAFT", true, Vec::new())),
    ]
}
