//! `GET /admin/sms-templates`: all of them, those that win over others first.

use esign_domain::{
    decision,
    reference::Reference,
    sms::{
        entity::sms_template,
        segment,
        template::{Piece, pieces, query},
    },
    terms::{Scene, SubjectType, TemplateStatus},
};
use esign_web::language::Language;
use serde::Serialize;

use super::{form, form::Choice, sample};
use crate::{
    author::author,
    drawing::Drawing,
    fields::Fields,
    kit::KIT,
    moment::Moment,
    nav::Place,
    page::Page,
    visit::{Answer, Visit},
};

/// So many are read at most: a platform has tens of templates.
const MOST: u64 = 1_000;
/// What the address may say.
const FILTERS: [&str; 5] = ["q", "status", "scene", "subjectType", "agreementType"];

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct IndexPage {
    asked: Fields,
    filtered: bool,
    tabs: Vec<Tab>,
    agreements: Vec<Choice>,
    templates: Vec<Row>,
}

/// A status and how many have it.
#[derive(Debug, Clone, Serialize)]
struct Tab {
    status: &'static str,
    href: String,
    count: usize,
    current: bool,
}

/// A line of the list.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    id: String,
    name: String,
    /// The beginning of its text.
    text: String,
    scene: Option<&'static str>,
    subject_type: Option<&'static str>,
    agreement_type: Option<String>,
    status: &'static str,
    version: i32,
    /// How many cells of the matrix it decides.
    cells: usize,
    /// It is in use and decides nothing.
    shadowed: bool,
    by: Option<String>,
    at: Moment,
}

impl Page for IndexPage {
    const TEMPLATE: &'static str = "sms/index.html";
    const TITLE: &'static str = "sms-title";
    const PLACE: Place = Place::Sms;
}

/// `GET /admin/sms-templates`.
pub async fn show(visit: Visit) -> Answer {
    let (all, _) = query::list(visit.app(), visit.caller(), None, None, MOST).await?;
    let matrix = decision::matrix(visit.app(), visit.caller()).await?;
    let asked = visit.query();
    let mut found: Vec<_> = all.iter().filter(|template| matches(asked, template)).collect();
    found.sort_by_key(|template| std::cmp::Reverse(template.selector().rank()));
    let of_status = |status: &str| found.iter().filter(|template| template.status.as_str() == status).count();
    let tab = |status: &'static str, count| Tab {
        status,
        href: asked.with("status", status).link("/admin/sms-templates"),
        count,
        current: asked.text("status") == status,
    };
    let mut tabs = vec![tab("", found.len())];
    tabs.extend(TemplateStatus::ALL.iter().map(|status| tab(status.as_str(), of_status(status.as_str()))));
    let wanted = |template: &&sms_template::Model| asked.given("status").is_none_or(|s| template.status.as_str() == s);
    let templates = found.iter().copied().filter(wanted).map(|template| row(&visit, &matrix, template)).collect();
    visit.page(&IndexPage {
        filtered: FILTERS.iter().any(|name| asked.has(name)),
        asked: asked.clone(),
        tabs,
        agreements: form::agreements(&visit).await?,
        templates,
    })
}

/// Whether it is among those asked for, whatever its status.
fn matches(asked: &Fields, template: &sms_template::Model) -> bool {
    let selector = template.selector();
    let is = |name: &str, value: Option<&str>| asked.given(name).is_none_or(|wanted| wanted == value.unwrap_or("any"));
    let said = |words: &str| {
        let words = words.to_lowercase();
        [&template.name, &template.body].iter().any(|text| text.to_lowercase().contains(&words))
    };
    is("scene", selector.scene.map(Scene::as_str))
        && is("subjectType", selector.subject_type.map(SubjectType::as_str))
        && is("agreementType", selector.agreement_type.as_deref())
        && asked.given("q").is_none_or(said)
}

fn row(visit: &Visit, matrix: &Reference, template: &sms_template::Model) -> Row {
    let cells = cells(matrix, template);
    Row {
        id: template.id.to_string(),
        name: template.name.clone(),
        text: beginning(visit.language(), &template.body),
        scene: template.scene.map(Scene::as_str),
        subject_type: template.subject_type.map(SubjectType::as_str),
        agreement_type: template.agreement_type.clone(),
        status: template.status.as_str(),
        version: template.version,
        cells,
        shadowed: template.status == TemplateStatus::Enabled && cells == 0,
        by: author(visit.language(), template.updated_by.as_deref()),
        at: Moment::of(visit.language(), template.updated_at, visit.app().now()),
    }
}

fn cells(matrix: &Reference, template: &sms_template::Model) -> usize {
    let decides =
        |cell: &&decision::overview::Cell| cell.sms_template.as_ref().is_some_and(|winner| winner.id == template.id);
    matrix.overview().cells.iter().filter(decides).count()
}

/// The beginning of a text, with the name of each variable in its place.
fn beginning(language: Language, body: &str) -> String {
    let named = |name: &str| KIT.words.plain(language, &format!("sms-var-{name}")).unwrap_or_else(|| name.to_owned());
    let words = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.replace('\n', " "),
        Piece::Variable { name, .. } => format!("[{}]", named(name)),
    };
    let text: String = pieces(body).into_iter().map(words).collect();
    if segment::units(&text) > 48 { text.chars().take(48).chain(['…']).collect() } else { text }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let row = |name: &str, scene, status, cells| Row {
        id: sample::ID.into(),
        name: name.into(),
        text: "[主体名称]您好，[发起方]请您签署[协议名称]，请于 [截止时间] 前完成：[网址]/s/[链接码]…".into(),
        scene,
        subject_type: None,
        agreement_type: None,
        status,
        version: 4,
        cells,
        shadowed: status == "ENABLED" && cells == 0,
        by: Some("lan".into()),
        at: sample::moment(),
    };
    let tab = |status, count, current| Tab { status, href: "/admin/sms-templates".into(), count, current };
    let tabs = vec![tab("", 4, true), tab("DRAFT", 1, false), tab("ENABLED", 2, false), tab("DISABLED", 1, false)];
    let page = |filtered, templates| IndexPage {
        asked: Fields::read(if filtered { b"q=%E5%BD%92%E9%9B%86" } else { b"" }),
        filtered,
        tabs: tabs.clone(),
        agreements: sample::agreements(),
        templates,
    };
    let rows = vec![
        row("会员结算签约邀请", Some("MEMBER_SETTLEMENT"), "ENABLED", 10),
        row("归集授权签约邀请", Some("COLLECTION"), "ENABLED", 0),
        row("通用签约邀请", None, "DRAFT", 0),
        row("旧版通用", None, "DISABLED", 0),
    ];
    vec![
        Drawing::new("sms", page(false, rows)),
        Drawing::new("sms-none", page(false, Vec::new())),
        Drawing::new("sms-none-found", page(true, Vec::new())),
    ]
}
