//! Making and changing agreement types.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, prelude::*, sea_query::OnConflict,
};
use serde::Serialize;
use serde_json::json;

use super::{check, entity::agreement_type, publish, sample::Audience};
use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    error::{Error, FieldProblem, Result},
    ids::AgreementTemplateId,
    reference::{self, Agreement},
    terms::{Scene, SubjectType},
};

/// So often its texts are tried anew because others were published meanwhile.
const ROUNDS: usize = 3;

/// An agreement type as it is to be.
#[derive(Debug, Clone)]
pub struct SaveType {
    /// What upstream names: 1-64 of `A-Z 0-9 _`; never changed.
    pub code: String,
    /// What people read: 1-200 characters.
    pub name: String,
    /// The scenes it may be used in, each once.
    pub scenes: Vec<Scene>,
    /// Who may sign it, each once.
    pub subject_types: Vec<SubjectType>,
    /// Whether new flows may use it. They can't, anyway, before a text is published.
    pub enabled: bool,
}

/// Makes an agreement type, or changes the one of this code if `expected_version` says that it is there.
///
/// A type that is opened to more scenes or subject types has its current texts tried with them first: what can't be laid
/// out for those who may sign it would fail before their eyes.
pub async fn save(
    app: &App,
    caller: &Caller,
    expected_version: Option<i32>,
    input: SaveType,
) -> Result<agreement_type::Model> {
    caller.require(Operation::SaveAgreementType)?;
    shape(&input)?;
    let Some(expected) = expected_version else { return make(app, caller, &input).await };
    for _ in 0..ROUNDS {
        let reference = reference::current(app).await?;
        let known = reference.agreements().iter().find(|agreement| agreement.kind.code == input.code);
        let known = known.ok_or(Error::NotFound)?;
        let tried = try_texts(app, known, &input).await?;
        if let Some(kind) = change(app, caller, (expected, &input), tried).await? {
            return Ok(kind);
        }
    }
    Err(Error::RateLimited { retry_after_seconds: 1 })
}

fn shape(input: &SaveType) -> Result<()> {
    let code = &input.code;
    let coded = (1..=64).contains(&code.len()) && code.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    let name = &input.name;
    let named = !name.trim().is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    let checks = [
        (coded, "code", "1-64 characters of A-Z 0-9 _"),
        (named, "name", "1-200 characters, no control characters"),
        (each_once(&input.scenes), "scenes", "at least one, each once"),
        (each_once(&input.subject_types), "subjectTypes", "at least one, each once"),
    ];
    let bad = checks.into_iter().filter(|(well, ..)| !well);
    let problems: Vec<_> =
        bad.map(|(_, path, problem)| FieldProblem { path: path.into(), problem: problem.into() }).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::InvalidArgument(problems)) }
}

fn each_once<T: Hash + Eq>(list: &[T]) -> bool {
    !list.is_empty() && list.iter().collect::<HashSet<_>>().len() == list.len()
}

async fn make(app: &App, caller: &Caller, input: &SaveType) -> Result<agreement_type::Model> {
    let now = app.now();
    let kind = agreement_type::Model {
        id: app.id(),
        code: input.code.clone(),
        name: input.name.clone(),
        scenes: json!(input.scenes),
        subject_types: json!(input.subject_types),
        enabled: input.enabled,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let tx = app.write_tx().await?;
    let new = agreement_type::Entity::insert(agreement_type::ActiveModel::from(kind.clone()))
        .on_conflict(OnConflict::column(agreement_type::Column::Code).do_nothing().to_owned())
        .exec_without_returning(&tx)
        .await?;
    if new == 0 {
        let there = of_code(&tx, &input.code).await?;
        return Err(Error::AlreadyExists {
            conflicts_with: there.map_or(input.code.clone(), |kind| kind.id.to_string()),
        });
    }
    note(app, &tx, caller, None, &kind).await?;
    app.commit(tx).await?;
    Ok(kind)
}

/// Which texts may stay current for whom: those that were tried now, or all when the type is opened to nobody new.
struct Tried {
    audience: Audience,
    texts: BTreeSet<AgreementTemplateId>,
}

/// Tries the current texts of a type with those it is to be opened to.
async fn try_texts(app: &App, known: &Agreement, input: &SaveType) -> Result<Tried> {
    let old = known.kind.audience()?;
    let audience = Audience { subject_types: input.subject_types.clone(), scenes: input.scenes.clone() };
    let tried = Tried { texts: known.texts.iter().map(|text| text.id).collect(), audience };
    if old.covers(&tried.audience) {
        return Ok(Tried { audience: old, ..tried });
    }
    let opened_to = input.subject_types.iter().any(|kind| !old.subject_types.contains(kind));
    let path = if opened_to { "subjectTypes" } else { "scenes" };
    let mut problems = Vec::new();
    for text in &known.texts {
        let examined = check::examine(app, &text.source, &tried.audience, None).await?;
        let of_text = |problem| FieldProblem {
            path: path.into(),
            problem: format!("document {} can't be laid out: {problem}", text.document_name),
        };
        problems.extend(examined.problems.into_iter().map(of_text));
    }
    if problems.is_empty() { Ok(tried) } else { Err(Error::InvalidArgument(problems)) }
}

/// Writes the change, unless texts are current by now, or the type is open to fewer, than what was tried says: then
/// nothing is done.
async fn change(
    app: &App,
    caller: &Caller,
    (expected, input): (i32, &SaveType),
    tried: Tried,
) -> Result<Option<agreement_type::Model>> {
    let tx = app.write_tx().await?;
    let before = of_code(&tx, &input.code).await?.ok_or(Error::NotFound)?;
    if before.version != expected {
        return Err(Error::LostUpdate { version: before.version });
    }
    let after = agreement_type::Model {
        name: input.name.clone(),
        scenes: json!(input.scenes),
        subject_types: json!(input.subject_types),
        enabled: input.enabled,
        version: before.version + 1,
        updated_at: app.now(),
        ..before.clone()
    };
    let current = publish::current(&tx, before.id).await?;
    let known = before.audience()?.covers(&after.audience()?)
        || (tried.audience.covers(&after.audience()?) && current.values().all(|head| tried.texts.contains(&head.id)));
    if !known {
        return Ok(None);
    }
    let row = agreement_type::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(after.id),
        name: Set(after.name.clone()),
        scenes: Set(after.scenes.clone()),
        subject_types: Set(after.subject_types.clone()),
        enabled: Set(after.enabled),
        version: Set(after.version),
        updated_at: Set(after.updated_at),
        ..Default::default()
    };
    agreement_type::Entity::update(row).exec(&tx).await?;
    note(app, &tx, caller, Some(&before), &after).await?;
    app.commit(tx).await?;
    Ok(Some(after))
}

/// The type of a code, its row held until the transaction ends.
async fn of_code(tx: &DatabaseTransaction, code: &str) -> Result<Option<agreement_type::Model>> {
    let query = agreement_type::Entity::find().filter(agreement_type::Column::Code.eq(code));
    Ok(query.lock_exclusive().one(tx).await?)
}

async fn note(
    app: &App,
    tx: &DatabaseTransaction,
    caller: &Caller,
    before: Option<&agreement_type::Model>,
    after: &agreement_type::Model,
) -> Result<()> {
    let (target, before, after) = (after.id.to_string(), before.map(Saved::of), Saved::of(after));
    let operation = Operation::SaveAgreementType;
    audit::record(app, tx, caller, Act { operation, target, before: before.as_ref(), after: Some(&after) }).await
}

/// A type as the audit log tells of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Saved<'a> {
    code: &'a str,
    name: &'a str,
    scenes: &'a serde_json::Value,
    subject_types: &'a serde_json::Value,
    enabled: bool,
    version: i32,
}

impl<'a> Saved<'a> {
    fn of(kind: &'a agreement_type::Model) -> Self {
        Self {
            code: &kind.code,
            name: &kind.name,
            scenes: &kind.scenes,
            subject_types: &kind.subject_types,
            enabled: kind.enabled,
            version: kind.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(code: &str) -> SaveType {
        let (scenes, subject_types) = (Scene::ALL.to_vec(), SubjectType::ALL.to_vec());
        SaveType { code: code.into(), name: "授权书".into(), scenes, subject_types, enabled: true }
    }

    fn paths(input: &SaveType) -> Vec<String> {
        match shape(input) {
            Ok(()) => Vec::new(),
            Err(Error::InvalidArgument(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn codes_names_and_lists() {
        for code in ["A", "PAYMENT_AGENCY_MANDATE", "9_", &"A".repeat(64)] {
            assert!(paths(&input(code)).is_empty(), "{code}");
        }
        for code in ["", "a", "A-B", "A B", "Ａ", &"A".repeat(65)] {
            assert_eq!(paths(&input(code)), ["code"], "{code}");
        }
        let twice = SaveType { scenes: vec![Scene::Collection; 2], subject_types: Vec::new(), ..input("A") };
        assert_eq!(paths(&twice), ["scenes", "subjectTypes"]);
        for name in ["", " ", "a\tb", &"长".repeat(201)] {
            assert_eq!(paths(&SaveType { name: name.into(), ..input("A") }), ["name"], "{name:?}");
        }
    }
}
