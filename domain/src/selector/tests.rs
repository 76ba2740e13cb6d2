use std::{
    hash::{DefaultHasher, Hasher},
    sync::Arc,
};

use proptest::prelude::*;

use super::*;

impl Entry for Selector {
    type Id = u64;
    fn id(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
    fn selector(&self) -> Selector {
        self.clone()
    }
    fn in_force(&self) -> bool {
        true
    }
}

/// The eight selectors that match the question below, the winner first: written down by hand, from the words of the
/// design.
const ORDER: [(Option<Scene>, Option<SubjectType>, Option<&str>); 8] = [
    (Some(Scene::Collection), Some(SubjectType::Corporate), Some("A")),
    (Some(Scene::Collection), None, Some("A")),
    (None, Some(SubjectType::Corporate), Some("A")),
    (Some(Scene::Collection), Some(SubjectType::Corporate), None),
    (None, None, Some("A")),
    (Some(Scene::Collection), None, None),
    (None, Some(SubjectType::Corporate), None),
    (None, None, None),
];

/// Some that don't match it: each differs in a dimension that it fixes.
const STRANGERS: [(Option<Scene>, Option<SubjectType>, Option<&str>); 7] = [
    (Some(Scene::Collection), Some(SubjectType::Corporate), Some("B")),
    (Some(Scene::Collection), Some(SubjectType::Individual), Some("A")),
    (Some(Scene::BatchPayment), Some(SubjectType::Corporate), Some("A")),
    (Some(Scene::MemberSettlement), None, None),
    (None, Some(SubjectType::Individual), None),
    (None, None, Some("a")),
    (None, None, Some("")),
];

fn selector((scene, subject_type, code): (Option<Scene>, Option<SubjectType>, Option<&str>)) -> Selector {
    Selector { scene, subject_type, agreement_type: code.map(str::to_owned) }
}

fn question() -> Question {
    Question { scene: Scene::Collection, subject_type: SubjectType::Corporate, agreement_type: "A".into() }
}

fn best_first(selectors: Vec<Selector>) -> Vec<Arc<Selector>> {
    Choices::new(selectors).best_first(&question())
}

#[test]
fn of_every_set_of_selectors_the_first_in_the_order_wins() {
    for set in 0_u32..256 {
        let mut expected: Vec<_> = (0..8).filter(|place| set & 1 << place > 0).map(|p| selector(ORDER[p])).collect();
        let with_strangers = expected.iter().cloned().rev().chain(STRANGERS.map(selector)).collect();
        for entries in [expected.clone(), with_strangers] {
            let choices = Choices::new(entries);
            assert_eq!(choices.winner(&question()).map(|winner| (**winner).clone()), expected.first().cloned());
            let told: Vec<_> = choices.best_first(&question()).iter().map(|entry| (**entry).clone()).collect();
            assert_eq!(told, expected, "{set:08b}");
        }
        expected.sort_by_key(|selector| std::cmp::Reverse(selector.rank()));
        let by_rank: Vec<_> = best_first(expected.clone()).iter().map(|entry| entry.key()).collect();
        assert_eq!(by_rank, expected.iter().map(Selector::key).collect::<Vec<_>>(), "the rank tells the same order");
    }
}

#[test]
fn strangers_match_nothing_and_the_eight_do() {
    assert!(STRANGERS.map(selector).iter().all(|stranger| !stranger.matches(&question())));
    assert!(best_first(STRANGERS.map(selector).to_vec()).is_empty());
    assert!(ORDER.map(selector).iter().all(|selector| selector.matches(&question())));
}

#[test]
fn a_key_tells_the_shape() {
    for (place, shape) in Shape::ALL.into_iter().enumerate() {
        let selector = selector(ORDER[place]);
        assert_eq!((selector.shape(), Shape::of_key(&selector.key())), (shape, Some(shape)));
    }
    assert_eq!(Shape::of_key("*|*|A|B").map(Shape::fixed), Some(1), "a code may hold whatever it likes");
    assert_eq!(Shape::of_key("COLLECTION/CORPORATE/*"), None);
}

/// Selectors over three scenes, two subject types and four codes.
fn any_selector() -> impl Strategy<Value = Selector> {
    let scene = prop::option::of(prop::sample::select(Scene::ALL));
    let subject_type = prop::option::of(prop::sample::select(SubjectType::ALL));
    let code = prop::option::of(prop::sample::select(&["A", "B", "C", "D"][..]));
    (scene, subject_type, code).prop_map(selector)
}

fn any_question() -> impl Strategy<Value = Question> {
    let code = prop::sample::select(&["A", "B", "C", "D", "E"][..]);
    let all = (prop::sample::select(Scene::ALL), prop::sample::select(SubjectType::ALL), code);
    all.prop_map(|(scene, subject_type, code)| Question { scene, subject_type, agreement_type: code.to_owned() })
}

proptest! {
    /// What is looked up under eight names is what a walk through all of them finds, whatever their order.
    #[test]
    fn the_winner_does_not_depend_on_the_order(
        (set, shuffled) in prop::collection::hash_set(any_selector(), 0..40)
            .prop_map(Vec::from_iter)
            .prop_flat_map(|set| (Just(set.clone()), Just(set).prop_shuffle())),
        question in any_question(),
    ) {
        let mut walked: Vec<_> = set.iter().filter(|selector| selector.matches(&question)).cloned().collect();
        walked.sort_by_key(|selector| std::cmp::Reverse(selector.rank()));
        for entries in [set, shuffled] {
            let told = Choices::new(entries).best_first(&question);
            prop_assert_eq!(told.iter().map(|entry| (**entry).clone()).collect::<Vec<_>>(), walked.clone());
        }
    }

    #[test]
    fn whatever_is_put_in_is_found_under_its_selector_and_taken_away_again(
        set in prop::collection::hash_set(any_selector(), 0..40),
        one in any_selector(),
    ) {
        let choices = Choices::new(set.iter().cloned());
        prop_assert_eq!(choices.all().len(), set.len());
        prop_assert_eq!(choices.get(&one).is_some(), set.contains(&one));
        let with = choices.changed(None, Some(one.clone()));
        prop_assert!(with.get(&one).is_some());
        let without = with.changed(Some(one.id()), None);
        prop_assert!(without.get(&one).is_none());
        prop_assert_eq!(without.all().len(), set.len() - usize::from(set.contains(&one)));
    }
}
