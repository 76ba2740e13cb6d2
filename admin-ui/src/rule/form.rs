//! `GET /admin/rules/new`, `GET /admin/rules/{id}/edit`, `POST /admin/rules/preview`: the form of a rule with what it would
//! alter beside it.
//!
//! A change is saved in two steps: the form asks for the preview, and the preview carries what was previewed on to be
//! saved, so that nothing else ever is.

use axum::{extract::Path, response::Response};
use esign_domain::{
    Error, Result as Outcome,
    auth::{entity::auth_rule, rule, rule::RuleInput},
    caller::Operation,
    decision,
    selector::Selector,
    terms::{AuthType, Scene, SubjectType},
};
use serde::Serialize;

use super::{
    matrix::{Doors, Matrix},
    preview::Preview,
    sample,
    show::id,
    view::{AgreementChoice, Names, RuleName, RuleView, SelectorView, Viewer, agreement_choices},
};
use crate::{
    drawing::Drawing,
    fields::Fields,
    nav::Place,
    page::Page,
    problem::Problems,
    visit::{Posted, Refusal, Visit},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    /// The rule that is changed; none: a new one.
    rule: Option<RuleName>,
    typed: Fields,
    agreements: Vec<AgreementChoice>,
    problems: Problems,
    /// What was typed, in words.
    draft: Option<Draft>,
    preview: Preview,
    /// Whether it says something new, and nothing stands in its way.
    saves: bool,
    /// Somebody else changed it meanwhile: how it is now.
    lost: Option<RuleView>,
}

/// A rule as it would be.
#[derive(Debug, Clone, Serialize)]
struct Draft {
    selector: SelectorView,
    auth_type: &'static str,
    enabled: bool,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "rule/form.html";
    const TITLE: &'static str = "rule-new";
    const PLACE: Place = Place::Rules;

    fn title(&self) -> &'static str {
        if self.rule.is_some() { "rule-edit" } else { Self::TITLE }
    }
}

/// `GET /admin/rules/new`. The query says what is chosen already: a hole leads here with its three dimensions.
pub async fn new(visit: Visit) -> Result<Response, Refusal> {
    visit.caller().require(Operation::CreateAuthRule)?;
    let typed = visit.query().with("enabled", "on");
    let typed = if typed.has("authType") { typed } else { typed.with("authType", AuthType::ALL[0].as_str()) };
    visit.page(&page(&visit, typed, false).await?)
}

/// `GET /admin/rules/{id}/edit`.
pub async fn edit(visit: Visit, Path(text): Path<String>) -> Result<Response, Refusal> {
    visit.caller().require(Operation::UpdateAuthRule)?;
    let id = id(&text)?;
    let rules = rule::list(visit.app(), visit.caller()).await?;
    let rule = rules.iter().find(|rule| rule.id == id).ok_or(Error::NotFound)?;
    visit.page(&page(&visit, typed(rule), false).await?)
}

/// `POST /admin/rules/preview`.
pub async fn preview(visit: Visit, Posted(form): Posted) -> Result<Response, Refusal> {
    let page = page(&visit, form, false).await?;
    if page.problems.is_empty() { visit.page(&page) } else { visit.again(&page) }
}

/// The form again after somebody else was faster: what was typed stays, and goes beside how the rule is now.
pub async fn lost(visit: &Visit, form: Fields, version: i32) -> Result<Response, Refusal> {
    let typed = form.with("version", &version.to_string());
    visit.again(&page(visit, typed, true).await?)
}

/// The form again with what is wrong.
pub async fn wrong(visit: &Visit, form: Fields) -> Result<Response, Refusal> {
    visit.again(&page(visit, form, false).await?)
}

/// A rule as the form holds it.
fn typed(rule: &auth_rule::Model) -> Fields {
    Fields::default()
        .with("id", &rule.id.to_string())
        .with("version", &rule.version.to_string())
        .with("selector.scene", rule.scene.map_or("", Scene::as_str))
        .with("selector.subjectType", rule.subject_type.map_or("", SubjectType::as_str))
        .with("selector.agreementType", rule.agreement_type.as_deref().unwrap_or_default())
        .with("authType", rule.auth_type.as_str())
        .with("enabled", if rule.enabled { "on" } else { "" })
        .with("note", rule.note.as_deref().unwrap_or_default())
}

/// The rule that a form says.
pub fn read(form: &Fields) -> Outcome<RuleInput> {
    let note = form.text("note").replace("\r\n", "\n");
    Ok(RuleInput {
        selector: Selector {
            scene: chosen(form, "selector.scene", Scene::ALL, Scene::as_str)?,
            subject_type: chosen(form, "selector.subjectType", SubjectType::ALL, SubjectType::as_str)?,
            agreement_type: form.given("selector.agreementType").map(ToOwned::to_owned),
        },
        auth_type: chosen(form, "authType", AuthType::ALL, AuthType::as_str)?
            .ok_or_else(|| Error::field("authType", "is required"))?,
        enabled: form.has("enabled"),
        note: Some(note).filter(|note| !note.is_empty()),
    })
}

/// One of a list by its name; none: nothing was chosen.
fn chosen<T: Copy>(form: &Fields, field: &str, all: &[T], name: fn(T) -> &'static str) -> Outcome<Option<T>> {
    let Some(text) = form.given(field) else { return Ok(None) };
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.map(Some).ok_or_else(|| Error::field(field, "must be the name of an enum value"))
}

async fn page(visit: &Visit, typed: Fields, is_lost: bool) -> Result<FormPage, Refusal> {
    let rules = rule::list(visit.app(), visit.caller()).await?;
    let reference = decision::matrix(visit.app(), visit.caller()).await?;
    let names = Names::of(&rules);
    let old = match typed.given("id") {
        Some(text) => {
            Some(id(text).ok().and_then(|id| rules.iter().find(|rule| rule.id == id)).ok_or(Error::NotFound)?)
        }
        None => None,
    };
    let input = read(&typed);
    let draft = input.as_ref().ok().map(|input| Draft {
        selector: SelectorView::of(&input.selector, reference.agreements()),
        auth_type: input.auth_type.as_str(),
        enabled: input.enabled,
    });
    let is_new = input.as_ref().is_ok_and(|input| old.is_none_or(|old| RuleInput::from(old) != *input));
    let plan = (old.map(|old| old.id), input.map(Some));
    let preview = Preview::ask(visit, &reference, &names, plan).await?;
    let viewer = Viewer::of(&reference, &rules, &names, (visit.language(), visit.app().now()));
    Ok(FormPage {
        rule: old.map(|old| names.name(old.id)),
        typed,
        agreements: agreement_choices(reference.agreements()),
        problems: preview.problems.clone(),
        draft,
        saves: is_new && preview.can_be_saved(),
        preview,
        lost: old.filter(|_| is_lost).map(|old| viewer.view(old)),
    })
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let world = sample::World::full();
    let names = Names::of(&world.rules);
    let viewer = world.viewer(&names);
    let draft = |scene, subject_type| Draft {
        selector: SelectorView::of(&Selector { scene, subject_type, agreement_type: None }, viewer.agreements),
        auth_type: "FACE_VERIFICATION",
        enabled: true,
    };
    let preview = |changes: &[_], today| {
        Preview::of(Matrix::of(&viewer.overview.cells, viewer.agreements, &names, changes, Doors::Shut), today)
    };
    let old = &world.rules[4];
    let edit = FormPage {
        rule: Some(names.name(old.id)),
        typed: typed(old).with("authType", "FACE_VERIFICATION"),
        agreements: agreement_choices(viewer.agreements),
        problems: Problems::default(),
        draft: Some(draft(Some(Scene::BatchPayment), Some(SubjectType::Corporate))),
        preview: preview(&world.with_other(old), 86),
        saves: true,
        lost: None,
    };
    let new = FormPage {
        rule: None,
        typed: edit.typed.without(&["id", "version"]).with("selector.scene", "MEMBER_SETTLEMENT"),
        draft: Some(draft(Some(Scene::MemberSettlement), Some(SubjectType::Individual))),
        preview: preview(&world.with_new(), 0),
        ..edit.clone()
    };
    let problems = Problems::default().and("note", "须为 0-500 个字符，不含控制字符".into());
    let wrong = preview(&[], 0).wrong(problems.clone());
    vec![
        Drawing::new("rule-edit-lost", FormPage { lost: Some(viewer.view(old)), ..edit.clone() }),
        Drawing::new("rule-edit-same", FormPage { preview: preview(&[], 0), saves: false, ..edit.clone() }),
        Drawing::new("rule-edit", edit),
        Drawing::new(
            "rule-new-taken",
            FormPage { preview: preview(&[], 0).taken(names.name(old.id)), saves: false, ..new.clone() },
        ),
        Drawing::new("rule-new-wrong", FormPage { preview: wrong, problems, saves: false, ..new.clone() }),
        Drawing::new("rule-new", new),
    ]
}
