//! The decision matrix as a heat map: every scene with every subject type with every agreement type, and what decides it.

use esign_domain::{
    auth::entity::auth_rule,
    decision::{impact::Change, overview::Cell},
    reference::Agreement,
    selector::Question,
    terms::{AuthType, Scene, SubjectType},
};
use serde::Serialize;

use super::view::{Names, RuleName};
use crate::fields::Fields;

/// The matrix.
#[derive(Debug, Clone, Serialize)]
pub struct Matrix {
    scenes: Vec<&'static str>,
    subjects: Vec<&'static str>,
    lines: Vec<Line>,
    /// So many cells that a start would be refused for.
    pub holes: usize,
    /// So many cells without an SMS template.
    without_sms: usize,
    /// So many cells that a change alters.
    changed: usize,
    /// So many cells that it leaves as they are.
    unchanged: usize,
}

/// One agreement type.
#[derive(Debug, Clone, Serialize)]
struct Line {
    code: String,
    name: String,
    squares: Vec<Square>,
}

/// One cell.
#[derive(Debug, Clone, Serialize)]
struct Square {
    scene: &'static str,
    subject: &'static str,
    /// `none` (no flow may be started), `hole`, `pay` or `face`.
    kind: &'static str,
    /// What it resolves to.
    auth_type: Option<&'static str>,
    /// How specific the deciding rule is: 1 to 3.
    depth: u8,
    rule: Option<RuleName>,
    /// The name of the SMS template.
    sms: Option<String>,
    /// What it resolves to now, when a change would alter it; the empty word where nothing decides it.
    before: Option<&'static str>,
    /// Where it leads: to the deciding rule, or to a new one for a hole.
    href: Option<String>,
}

/// Where the cells lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// Nowhere: what is shown isn't saved yet.
    Shut,
    /// To the rules, and from a hole to the trial.
    Read,
    /// To the rules, and from a hole to a new one that fills it.
    Write,
}

impl Matrix {
    /// What these cells decide, and would after these changes.
    pub fn of(
        cells: &[Cell],
        agreements: &[Agreement],
        names: &Names,
        changes: &[Change<auth_rule::Model>],
        doors: Doors,
    ) -> Self {
        let count = agreements.len();
        let lines = agreements.iter().enumerate().map(|(place, agreement)| Line {
            code: agreement.kind.code.clone(),
            name: agreement.kind.name.clone(),
            squares: cells.iter().skip(place).step_by(count).map(|cell| square(cell, names, changes, doors)).collect(),
        });
        let lines: Vec<_> = lines.collect();
        let squares = || lines.iter().flat_map(|line| &line.squares);
        let holes = squares().filter(|square| square.kind == "hole").count();
        let without_sms = squares().filter(|square| square.auth_type.is_some() && square.sms.is_none()).count();
        let allowed = squares().filter(|square| square.kind != "none").count();
        Self {
            scenes: Scene::ALL.iter().map(|scene| scene.as_str()).collect(),
            subjects: SubjectType::ALL.iter().map(|kind| kind.as_str()).collect(),
            holes,
            without_sms,
            changed: changes.len(),
            unchanged: allowed - changes.len(),
            lines,
        }
    }
}

fn square(cell: &Cell, names: &Names, changes: &[Change<auth_rule::Model>], doors: Doors) -> Square {
    let change = changes.iter().find(|change| change.question == cell.question);
    let rule = change.map_or(cell.auth_rule.as_ref(), |change| change.after.as_ref());
    let word = |rule: &auth_rule::Model| rule.auth_type.as_str();
    Square {
        scene: cell.question.scene.as_str(),
        subject: cell.question.subject_type.as_str(),
        kind: match rule.map(|rule| rule.auth_type) {
            _ if !cell.allowed => "none",
            None => "hole",
            Some(AuthType::PaymentVerification) => "pay",
            Some(AuthType::FaceVerification) => "face",
        },
        auth_type: rule.map(|rule| word(rule)),
        depth: rule.map_or(0, |rule| rule.selector().shape().fixed().max(1)),
        rule: rule.map(|rule| names.name(rule.id)),
        sms: cell.sms_template.as_ref().map(|template| template.name.clone()),
        before: change.map(|change| change.before.as_ref().map_or("", |rule| word(rule))),
        href: href(cell, rule.map(|rule| rule.id.to_string()), doors),
    }
}

fn href(cell: &Cell, rule: Option<String>, doors: Doors) -> Option<String> {
    if !cell.allowed || doors == Doors::Shut {
        return None;
    }
    let Question { scene, subject_type, agreement_type } = &cell.question;
    Some(match (rule, doors) {
        (Some(id), _) => format!("/admin/rules/{id}"),
        (None, Doors::Write) => Fields::default()
            .with("selector.scene", scene.as_str())
            .with("selector.subjectType", subject_type.as_str())
            .with("selector.agreementType", agreement_type)
            .link("/admin/rules/new"),
        (None, _) => {
            let asked = Fields::default().with("scene", scene.as_str()).with("subject", subject_type.as_str());
            asked.with("agreement", agreement_type).link("/admin/rules") + "#trial"
        }
    })
}
