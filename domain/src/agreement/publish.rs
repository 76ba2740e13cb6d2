//! Publishing a text: one more version of one document, for ever as it is.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::*,
};
use serde::Serialize;
use serde_json::json;

use super::{
    check,
    entity::{agreement_template, agreement_type},
    sample::Audience,
};
use crate::{
    App, Caller,
    audit::{self, Act},
    caller::Operation,
    error::{Error, FieldProblem, Result},
    ids::{AgreementTemplateId, AgreementTypeId},
    reference::{self, Agreement},
    vault::sha256_hex,
};

/// So often a text is tried anew because its type was opened to others meanwhile.
const ROUNDS: usize = 3;

/// A text to be published.
#[derive(Debug, Clone)]
pub struct PublishText {
    /// Code of the type.
    pub agreement_type: String,
    /// Name of the document: 1-200 characters.
    pub document_name: String,
    /// Its place among the documents of the type: 1-99.
    pub position: i32,
    /// typst, at most 256 KiB.
    pub source: String,
    /// The version that it was written upon, 0 for a document that was new; none: whichever is current.
    pub based_on: Option<i32>,
}

/// Publishes the next version of a document; a name that is new to the type makes a new document. Two documents of a
/// type can't have the same place: ALREADY_EXISTS names the one that has it. A text written upon a version that is no
/// longer current would take back what others published meanwhile, and is a lost update.
///
/// The type's version stays: it counts changes of the type, and whoever edits that loses nothing by a new text.
pub async fn publish(app: &App, caller: &Caller, input: PublishText) -> Result<agreement_type::Model> {
    caller.require(Operation::PublishAgreementTemplate)?;
    for _ in 0..ROUNDS {
        let reference = reference::current(app).await?;
        let known = reference.agreements().iter().find(|agreement| agreement.kind.code == input.agreement_type);
        let Agreement { kind, texts } = known.ok_or(Error::NotFound)?;
        let audience = kind.audience()?;
        let examined = check::examine(app, &input.source, &audience, None).await?;
        let mut problems = shape(&input);
        let of_source =
            |problem: &check::TextProblem| FieldProblem { path: "source".into(), problem: problem.to_string() };
        problems.extend(examined.problems.iter().map(of_source));
        if !problems.is_empty() {
            return Err(Error::InvalidArgument(problems));
        }
        let places = texts.iter().map(|text| (text.document_name.as_str(), text.position, text.id));
        place_is_free(&input, places)?;
        if let Some(kind) = write(app, caller, (&input, &examined.variables), (kind.id, &audience)).await? {
            return Ok(kind);
        }
    }
    Err(Error::RateLimited { retry_after_seconds: 1 })
}

/// What is wrong with everything but the source.
fn shape(input: &PublishText) -> Vec<FieldProblem> {
    let name = &input.document_name;
    let named = !name.trim().is_empty() && name.trim() == name && name.chars().count() <= 200;
    let clean = !name.chars().any(|character| character.is_control() || matches!(character, '/' | '\\'));
    let checks = [
        (named && clean, "documentName", "1-200 characters, no control characters, no slashes, no blanks at its ends"),
        ((1..=99).contains(&input.position), "position", "1 to 99"),
    ];
    let bad = checks.into_iter().filter(|(well, ..)| !well);
    bad.map(|(_, path, problem)| FieldProblem { path: path.into(), problem: problem.into() }).collect()
}

fn place_is_free<'a>(
    input: &PublishText,
    current: impl Iterator<Item = (&'a str, i32, AgreementTemplateId)>,
) -> Result<()> {
    let mut others = current.filter(|(name, ..)| *name != input.document_name);
    match others.find(|(_, position, _)| *position == input.position) {
        Some((.., id)) => Err(Error::AlreadyExists { conflicts_with: id.to_string() }),
        None => Ok(()),
    }
}

/// Writes the next version, unless the type is open to more by now than the text was tried with: then nothing is done.
async fn write(
    app: &App,
    caller: &Caller,
    (input, variables): (&PublishText, &[String]),
    (id, tried): (AgreementTypeId, &Audience),
) -> Result<Option<agreement_type::Model>> {
    let tx = app.write_tx().await?;
    // The type's row orders all who publish for it: each sees the version before its own.
    let kind = agreement_type::Entity::find_by_id(id).lock_exclusive().one(&tx).await?.ok_or(Error::NotFound)?;
    if !tried.covers(&kind.audience()?) {
        return Ok(None);
    }
    let current = current(&tx, id).await?;
    place_is_free(input, current.iter().map(|(name, head)| (name.as_str(), head.position, head.id)))?;
    let before = match current.get(&input.document_name) {
        Some(head) => agreement_template::Entity::find_by_id(head.id).one(&tx).await?,
        None => None,
    };
    let version = before.as_ref().map_or(0, |text| text.version);
    if input.based_on.is_some_and(|base| base != version) {
        return Err(Error::LostUpdate { version });
    }
    let row = agreement_template::ActiveModel {
        id: Set(app.id()),
        agreement_type_id: Set(id),
        document_name: Set(input.document_name.clone()),
        position: Set(input.position),
        version: Set(version + 1),
        source: Set(input.source.clone()),
        variables: Set(json!(variables)),
        published_at: Set(app.now()),
        published_by: Set(Some(caller.label())),
    };
    let text = row.insert(&tx).await?;
    let (before, after) = (before.as_ref().map(|text| Published::of(&kind, text)), Published::of(&kind, &text));
    let operation = Operation::PublishAgreementTemplate;
    let act = Act { operation, target: text.id.to_string(), before: before.as_ref(), after: Some(&after) };
    audit::record(app, &tx, caller, act).await?;
    app.commit(tx).await?;
    Ok(Some(kind))
}

/// The newest version of a document, without its source.
pub(super) struct Head {
    pub(super) id: AgreementTemplateId,
    position: i32,
}

/// The documents of a type, each in its newest version, by name.
pub(super) async fn current(tx: &impl ConnectionTrait, id: AgreementTypeId) -> Result<BTreeMap<String, Head>> {
    use agreement_template::Column;
    let all: Vec<(AgreementTemplateId, String, i32)> = agreement_template::Entity::find()
        .select_only()
        .columns([Column::Id, Column::DocumentName, Column::Position])
        .filter(Column::AgreementTypeId.eq(id))
        .order_by_asc(Column::Version)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(all.into_iter().map(|(id, name, position)| (name, Head { id, position })).collect())
}

/// A version as the audit log tells of it: the source itself stays where it is, under its digest.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Published<'a> {
    agreement_type: &'a str,
    document_name: &'a str,
    position: i32,
    version: i32,
    source_digest: String,
    variables: Vec<String>,
}

impl<'a> Published<'a> {
    fn of(kind: &'a agreement_type::Model, text: &'a agreement_template::Model) -> Self {
        Self {
            agreement_type: &kind.code,
            document_name: &text.document_name,
            position: text.position,
            version: text.version,
            source_digest: sha256_hex(text.source.as_bytes()),
            variables: text.variable_names(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_positions() {
        let problems = |name: &str, position: i32| {
            let input = PublishText {
                agreement_type: String::new(),
                document_name: name.into(),
                position,
                source: String::new(),
                based_on: None,
            };
            shape(&input).into_iter().map(|problem| problem.path).collect::<Vec<_>>()
        };
        for name in ["授权书", "a b", &"长".repeat(200)] {
            assert!(problems(name, 1).is_empty() && problems(name, 99).is_empty(), "{name}");
        }
        for name in ["", " ", " a", "a/b", "a\\b", "a\nb", "\u{7f}", &"长".repeat(201)] {
            assert_eq!(problems(name, 1), ["documentName"], "{name:?}");
        }
        assert_eq!(problems("", 0), ["documentName", "position"]);
        assert_eq!(problems("a", 100), ["position"]);
    }
}
