use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use proptest::{collection::vec, prelude::*, sample};
use serde_json::json;
use uuid::Uuid;

use super::{impact, overview::Overview};
use crate::{
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    error::Error,
    ids::{AgreementTemplateId, AgreementTypeId, AuthRuleId},
    reference::Agreement,
    selector::{Choices, Question, Selector},
    sms::entity::sms_template,
    terms::{AuthType, Scene, SubjectType},
};

const CODES: [&str; 4] = ["A", "B", "C", "D"];

fn rule(number: u128, selector: &Selector, auth_type: AuthType, enabled: bool) -> auth_rule::Model {
    auth_rule::Model {
        number: 0,
        id: AuthRuleId::new(Uuid::from_u128(number)),
        scene: selector.scene,
        subject_type: selector.subject_type,
        agreement_type: selector.agreement_type.clone(),
        selector: selector.key(),
        auth_type,
        enabled,
        note: None,
        version: 1,
        updated_by: None,
        created_at: DateTime::default(),
        updated_at: DateTime::default(),
    }
}

fn selector(scene: Option<Scene>, subject_type: Option<SubjectType>, code: Option<&str>) -> Selector {
    Selector { scene, subject_type, agreement_type: code.map(str::to_owned) }
}

/// An agreement type for these scenes and subject types.
fn agreement(code: &str, scenes: &[Scene], kinds: &[SubjectType], enabled: bool, texts: usize) -> Agreement {
    let id = AgreementTypeId::new(Uuid::nil());
    let text = agreement_template::Model {
        id: AgreementTemplateId::new(Uuid::nil()),
        agreement_type_id: id,
        document_name: "文本".into(),
        position: 1,
        version: 1,
        source: String::new(),
        variables: json!([]),
        published_at: DateTime::default(),
        published_by: None,
    };
    let kind = agreement_type::Model {
        id,
        code: code.into(),
        name: code.into(),
        scenes: json!(scenes),
        subject_types: json!(kinds),
        enabled,
        version: 1,
        created_at: DateTime::default(),
        updated_at: DateTime::default(),
    };
    Agreement { kind: kind.into(), texts: vec![text.into(); texts] }
}

fn no_templates() -> Choices<sms_template::Model> {
    Choices::new([])
}

/// What decides each allowed cell, found by walking through all rules.
fn walked(agreements: &[Agreement], rules: &[auth_rule::Model]) -> BTreeMap<String, (Question, auth_rule::Model)> {
    let mut decided = BTreeMap::new();
    for agreement in agreements {
        for (scene, subject_type) in Scene::ALL.iter().flat_map(|s| SubjectType::ALL.iter().map(move |k| (*s, *k))) {
            let question = Question { scene, subject_type, agreement_type: agreement.kind.code.clone() };
            let meant = |list: &serde_json::Value, name: &str| list.as_array().unwrap().contains(&json!(name));
            let kind = &agreement.kind;
            let allowed = kind.enabled
                && !agreement.texts.is_empty()
                && meant(&kind.scenes, scene.as_str())
                && meant(&kind.subject_types, subject_type.as_str());
            let matching = rules.iter().filter(|rule| allowed && rule.enabled && rule.selector().matches(&question));
            let best = matching.max_by_key(|rule| {
                let fixed = [rule.agreement_type.is_some(), rule.scene.is_some(), rule.subject_type.is_some()];
                (fixed.iter().filter(|fixed| **fixed).count(), fixed)
            });
            if let Some(best) = best {
                decided.insert(format!("{scene} {subject_type} {}", kind.code), (question, best.clone()));
            }
        }
    }
    decided
}

/// The names of the cells of which two matrices tell otherwise.
fn difference<A: PartialEq>(
    before: &BTreeMap<String, (Question, auth_rule::Model)>,
    after: &BTreeMap<String, (Question, auth_rule::Model)>,
    answer: impl Fn(&auth_rule::Model) -> A,
) -> BTreeSet<String> {
    let told = |matrix: &BTreeMap<String, (Question, auth_rule::Model)>, cell: &str| {
        matrix.get(cell).map(|(_, rule)| answer(rule))
    };
    before.keys().chain(after.keys()).filter(|cell| told(before, cell) != told(after, cell)).cloned().collect()
}

/// A change of a set of rules.
#[derive(Debug, Clone)]
enum Act {
    Create(Selector, AuthType, bool),
    Update(usize, Selector, AuthType, bool),
    /// Its selector stays.
    Decide(usize, AuthType),
    Toggle(usize),
    Delete(usize),
}

fn any_selector() -> impl Strategy<Value = Selector> {
    let scene = prop::option::of(sample::select(Scene::ALL));
    let kind = prop::option::of(sample::select(SubjectType::ALL));
    let code = prop::option::of(sample::select(&CODES[..]));
    (scene, kind, code).prop_map(|(scene, kind, code)| selector(scene, kind, code))
}

fn any_auth_type() -> impl Strategy<Value = AuthType> {
    sample::select(AuthType::ALL)
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (any_selector(), any_auth_type(), any::<bool>()).prop_map(|(s, a, e)| Act::Create(s, a, e)),
        (any::<usize>(), any_selector(), any_auth_type(), any::<bool>())
            .prop_map(|(n, s, a, e)| Act::Update(n, s, a, e)),
        (any::<usize>(), any_auth_type()).prop_map(|(n, a)| Act::Decide(n, a)),
        any::<usize>().prop_map(Act::Toggle),
        any::<usize>().prop_map(Act::Delete),
    ]
}

/// Rules of which no two that are enabled have one selector.
fn any_rules() -> impl Strategy<Value = Vec<auth_rule::Model>> {
    vec((any_selector(), any_auth_type(), any::<bool>()), 0..25).prop_map(|given| {
        let mut taken = BTreeSet::new();
        let rows = given.into_iter().zip(1..).map(|((selector, auth_type, enabled), number)| {
            let enabled = enabled && taken.insert(selector.key());
            rule(number, &selector, auth_type, enabled)
        });
        rows.collect()
    })
}

fn any_agreements() -> impl Strategy<Value = Vec<Agreement>> {
    let scenes = sample::subsequence(Scene::ALL, 0..=3);
    let kinds = sample::subsequence(SubjectType::ALL, 0..=2);
    vec((scenes, kinds, prop::bool::weighted(0.8), 0_usize..3), CODES.len()).prop_map(|given| {
        let named = CODES.iter().zip(given);
        named.map(|(code, (scenes, kinds, enabled, texts))| agreement(code, &scenes, &kinds, enabled, texts)).collect()
    })
}

/// The rule that an act leaves behind, and the one whose place it takes.
fn planned(rules: &[auth_rule::Model], act: &Act) -> Option<(Option<AuthRuleId>, Option<auth_rule::Model>)> {
    let at = |number: usize| (!rules.is_empty()).then(|| &rules[number % rules.len()]);
    Some(match act {
        Act::Create(selector, auth_type, enabled) => (None, Some(rule(1_000, selector, *auth_type, *enabled))),
        Act::Update(number, selector, auth_type, enabled) => {
            let old = at(*number)?;
            (Some(old.id), Some(auth_rule::Model { id: old.id, ..rule(0, selector, *auth_type, *enabled) }))
        }
        Act::Decide(number, auth_type) => {
            let old = at(*number)?;
            (Some(old.id), Some(auth_rule::Model { auth_type: *auth_type, ..old.clone() }))
        }
        Act::Toggle(number) => {
            let old = at(*number)?;
            (Some(old.id), Some(auth_rule::Model { enabled: !old.enabled, ..old.clone() }))
        }
        Act::Delete(number) => (Some(at(*number)?.id), None),
    })
}

proptest! {
    /// What a change would alter is what it does alter: the two matrices, each found by walking through all rules, differ
    /// in the cells that were named and in no other. And what can't be written is refused beforehand.
    #[test]
    fn the_impact_of_a_change_is_what_it_really_changes(
        agreements in any_agreements(), rules in any_rules(), act in any_act(),
    ) {
        let Some((old, new)) = planned(&rules, &act) else { return Ok(()) };
        let mut then: Vec<_> = rules.iter().filter(|rule| Some(rule.id) != old).cloned().collect();
        let in_the_way = new.iter().filter(|new| new.enabled).find_map(|new| {
            then.iter().find(|rule| rule.enabled && rule.selector == new.selector).map(|rule| rule.id.to_string())
        });
        then.extend(new.clone());
        let choices = Choices::new(rules.clone());
        let cells = Overview::of(&agreements, &choices, &no_templates()).cells;
        let by_type = impact::of(&cells, &choices, (old, new.clone()), |rule| rule.auth_type);
        let by_id = impact::of(&cells, &choices, (old, new), |rule| rule.id);
        if let Some(id) = in_the_way {
            let refused = matches!(&by_type, Err(Error::AlreadyExists { conflicts_with }) if *conflicts_with == id);
            prop_assert!(refused, "{:?}", by_type);
            return Ok(());
        }
        let (before, after) = (walked(&agreements, &rules), walked(&agreements, &then));
        let named = |told: &[impact::Change<auth_rule::Model>]| -> BTreeSet<String> {
            let name = |q: &Question| format!("{} {} {}", q.scene, q.subject_type, q.agreement_type);
            told.iter().map(|change| name(&change.question)).collect()
        };
        let by_type = by_type.unwrap();
        prop_assert_eq!(named(&by_type), difference(&before, &after, |rule| rule.auth_type));
        prop_assert_eq!(named(&by_id.unwrap()), difference(&before, &after, |rule| rule.id));
        for change in by_type {
            let q = &change.question;
            let cell = format!("{} {} {}", q.scene, q.subject_type, q.agreement_type);
            prop_assert_eq!(change.before.map(|rule| rule.auth_type), before.get(&cell).map(|(_, rule)| rule.auth_type));
            prop_assert_eq!(change.after.map(|rule| rule.auth_type), after.get(&cell).map(|(_, rule)| rule.auth_type));
        }
    }

    /// Whoever decides no cell is named: shadowed by who takes most of its cells, or idle when it applies to none.
    #[test]
    fn whoever_never_decides_is_named_and_nobody_else(agreements in any_agreements(), rules in any_rules()) {
        let choices = Choices::new(rules.clone());
        let overview = Overview::of(&agreements, &choices, &no_templates());
        let decided = walked(&agreements, &rules);
        let allowed: Vec<_> = overview.cells.iter().filter(|cell| cell.allowed).collect();
        prop_assert_eq!(overview.without_auth_type().count(), allowed.len() - decided.len());
        prop_assert_eq!(overview.without_sms_template().count(), allowed.len());
        for rule in rules.iter().filter(|rule| rule.enabled) {
            let applies = allowed.iter().filter(|cell| rule.selector().matches(&cell.question)).count();
            let wins = decided.values().filter(|(_, winner)| winner.id == rule.id).count();
            let is_in = |list: &[std::sync::Arc<auth_rule::Model>]| list.iter().any(|other| other.id == rule.id);
            prop_assert_eq!(is_in(&overview.auth_rules.idle), applies == 0);
            prop_assert_eq!(is_in(&overview.auth_rules.shadowed), applies > 0 && wins == 0);
            let shadow = overview.auth_rules.shadow(&choices, rule.id, &rule.selector());
            let takes = |taker: AuthRuleId| {
                decided.values().filter(|(q, winner)| winner.id == taker && rule.selector().matches(q)).count()
            };
            let most = rules.iter().map(|taker| takes(taker.id)).max();
            prop_assert_eq!(shadow.map(|taker| takes(taker.id)), most.filter(|_| applies > 0 && wins == 0));
        }
        for rule in rules.iter().filter(|rule| !rule.enabled) {
            let shadow = overview.auth_rules.shadow(&choices, rule.id, &rule.selector());
            let twin = rules.iter().find(|other| other.enabled && other.selector == rule.selector);
            prop_assert_eq!(shadow.map(|by| by.id), twin.map(|twin| twin.id));
        }
    }
}

#[test]
fn the_matrix_has_a_cell_for_every_question_in_the_order_of_the_vocabulary() {
    let agreements = [
        agreement("A", Scene::ALL, SubjectType::ALL, true, 1),
        agreement("B", &[Scene::Collection], &[SubjectType::Individual], true, 1),
        agreement("C", Scene::ALL, SubjectType::ALL, false, 1),
        agreement("D", Scene::ALL, SubjectType::ALL, true, 0),
    ];
    let any = rule(1, &Selector::default(), AuthType::FaceVerification, true);
    let overview = Overview::of(&agreements, &Choices::new([any]), &no_templates());
    let told = overview.cells.iter().map(|cell| {
        let q = &cell.question;
        assert_eq!(cell.auth_rule.is_some(), cell.allowed, "only what may be started is decided");
        format!("{} {} {} {}", q.scene, q.subject_type, q.agreement_type, cell.allowed)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 24);
    assert_eq!(
        told[..8],
        [
            "COLLECTION CORPORATE A true",
            "COLLECTION CORPORATE B false",
            "COLLECTION CORPORATE C false",
            "COLLECTION CORPORATE D false",
            "COLLECTION INDIVIDUAL A true",
            "COLLECTION INDIVIDUAL B true",
            "COLLECTION INDIVIDUAL C false",
            "COLLECTION INDIVIDUAL D false",
        ]
    );
    assert_eq!(overview.cells.iter().filter(|cell| cell.allowed).count(), 7);
}

#[test]
fn a_rule_that_three_others_cover_names_the_one_that_takes_most() {
    let agreements = [agreement("A", Scene::ALL, SubjectType::ALL, true, 1)];
    let rules = [
        rule(1, &selector(None, None, Some("A")), AuthType::FaceVerification, true),
        rule(2, &selector(Some(Scene::Collection), None, Some("A")), AuthType::FaceVerification, true),
        rule(3, &selector(None, Some(SubjectType::Corporate), Some("A")), AuthType::FaceVerification, true),
        rule(4, &selector(None, Some(SubjectType::Individual), Some("A")), AuthType::FaceVerification, true),
        rule(5, &selector(None, None, Some("Z")), AuthType::FaceVerification, true),
    ];
    let choices = Choices::new(rules.clone());
    let overview = Overview::of(&agreements, &choices, &no_templates());
    // Of the six cells, two go to rule 2, and two each to rules 3 and 4, which tie: the more specific goes first, and
    // of two alike the first by selector.
    let ids =
        |list: &[std::sync::Arc<auth_rule::Model>]| list.iter().map(|r| r.id.uuid().as_u128()).collect::<Vec<_>>();
    assert_eq!((ids(&overview.auth_rules.shadowed), ids(&overview.auth_rules.idle)), (vec![1], vec![5]));
    let shadow = |number: usize| {
        let rule = &rules[number - 1];
        overview.auth_rules.shadow(&choices, rule.id, &rule.selector()).map(|taker| taker.id.uuid().as_u128())
    };
    assert_eq!([1, 2, 3, 4, 5].map(shadow), [Some(2), None, None, None, None]);
}
