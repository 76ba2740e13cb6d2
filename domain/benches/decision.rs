//! What it costs to decide one flow, to lay out the whole matrix, and to foresee a change of it.
//!
//!     cargo bench -p esign-domain --bench decision
//!
//! 1,000 rules and 1,000 templates, of which more than half are for the 50 agreement types of the matrix; 3 scenes x 2
//! subject types x 50 agreement types are 300 cells. Nothing here reads a database: it is done on what a process keeps in
//! memory.

use std::{hint::black_box, sync::Arc};

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use esign_domain::{
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    decision::{impact, overview::Overview},
    ids::Id,
    reference::Agreement,
    selector::{Choices, Question, Selector},
    sms::entity::sms_template,
    terms::{AuthType, Scene, SubjectType, TemplateStatus},
};
use serde_json::json;
use uuid::Uuid;

/// As many agreement types as the matrix has.
const AGREEMENTS: usize = 50;
/// As many as entries are written for.
const CODES: usize = 90;
/// As many entries of each kind.
const ENTRIES: usize = 1_000;

fn code(number: usize) -> String {
    format!("AGREEMENT_{number:03}")
}

fn id<K>(number: usize) -> Id<K> {
    Id::new(Uuid::from_u128(number as u128 + 1))
}

fn agreement(number: usize) -> Agreement {
    let kind = agreement_type::Model {
        id: id(number),
        code: code(number),
        name: code(number),
        scenes: json!(Scene::ALL),
        subject_types: json!(SubjectType::ALL),
        enabled: true,
        version: 1,
        created_at: DateTime::default(),
        updated_at: DateTime::default(),
    };
    let text = agreement_template::Model {
        id: id(number),
        agreement_type_id: id(number),
        document_name: code(number),
        position: 1,
        version: 1,
        source: String::new(),
        variables: json!([]),
        published_at: DateTime::default(),
        published_by: None,
    };
    Agreement { kind: Arc::new(kind), texts: vec![Arc::new(text)] }
}

/// Selectors, no two alike: those for all agreement types first, then those for each.
fn selectors() -> impl Iterator<Item = Selector> {
    let codes = std::iter::once(None).chain((0..CODES).map(|number| Some(code(number))));
    codes.flat_map(|agreement_type| {
        let scenes = std::iter::once(None).chain(Scene::ALL.iter().copied().map(Some));
        scenes.flat_map(move |scene| {
            let agreement_type = agreement_type.clone();
            let kinds = std::iter::once(None).chain(SubjectType::ALL.iter().copied().map(Some));
            kinds.map(move |subject_type| Selector { scene, subject_type, agreement_type: agreement_type.clone() })
        })
    })
}

fn rule((number, selector): (usize, Selector)) -> auth_rule::Model {
    auth_rule::Model {
        id: id(number),
        number: i32::try_from(number).expect("a few rules"),
        selector: selector.key(),
        scene: selector.scene,
        subject_type: selector.subject_type,
        agreement_type: selector.agreement_type,
        auth_type: AuthType::ALL[number % 2],
        enabled: true,
        note: None,
        version: 1,
        updated_by: None,
        created_at: DateTime::default(),
        updated_at: DateTime::default(),
    }
}

fn template((number, selector): (usize, Selector)) -> sms_template::Model {
    sms_template::Model {
        id: id(number),
        name: String::new(),
        selector: selector.key(),
        scene: selector.scene,
        subject_type: selector.subject_type,
        agreement_type: selector.agreement_type,
        body: String::new(),
        sign_name: None,
        gateway_templates: json!([]),
        status: TemplateStatus::Enabled,
        version: 1,
        updated_by: None,
        created_at: DateTime::default(),
        updated_at: DateTime::default(),
    }
}

fn decisions(criterion: &mut Criterion) {
    let agreements: Vec<_> = (0..AGREEMENTS).map(agreement).collect();
    let rules = Choices::new(selectors().take(ENTRIES).enumerate().map(rule));
    let templates = Choices::new(selectors().take(ENTRIES).enumerate().map(template));
    assert_eq!((rules.all().len(), templates.all().len()), (ENTRIES, ENTRIES), "no two have one selector");
    let question = Question {
        scene: Scene::MemberSettlement,
        subject_type: SubjectType::Individual,
        agreement_type: code(AGREEMENTS - 1),
    };
    criterion.bench_function("one winner among 1,000", |bencher| {
        bencher.iter(|| rules.winner(black_box(&question)).map(|rule| rule.auth_type));
    });
    criterion.bench_function("all that match among 1,000, best first", |bencher| {
        bencher.iter(|| rules.best_first(black_box(&question)));
    });
    criterion.bench_function("the matrix of 300 cells, with whoever never decides", |bencher| {
        bencher.iter(|| Overview::of(black_box(&agreements), &rules, &templates));
    });
    let overview = Overview::of(&agreements, &rules, &templates);
    assert_eq!(overview.cells.len(), 300);
    criterion.bench_function("the impact of a deletion", |bencher| {
        bencher.iter(|| impact::of(&overview.cells, &rules, (Some(id(0)), None), |rule| rule.auth_type));
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
