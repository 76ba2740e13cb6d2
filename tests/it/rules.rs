//! Auth rules: what staff write, what the log remembers of it, and who comes second.

use std::sync::Arc;

use chrono::TimeDelta;
use esign_domain::{
    audit,
    auth::{
        entity::auth_rule,
        rule::{RuleInput, change},
    },
    caller::{Operation, Scope},
    error::Error,
    selector::Selector,
    terms::{AuthType, Scene, SubjectType},
};
use esign_tests::{
    TestApp, contender,
    door::code,
    fixture::{corporate, individual, individual_with_account},
    race::Starter,
};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

const RULE: &str =
    "id number selector { scene subjectType agreementType } authType enabled note version updatedBy shadowedBy { id }";

fn create() -> String {
    format!("mutation($input: AuthRuleInput!) {{ createAuthRule(input: $input) {{ authRule {{ {RULE} }} }} }}")
}

fn update() -> String {
    format!(
        "mutation($id: ID!, $version: Int!, $input: AuthRuleInput!) {{
            updateAuthRule(id: $id, expectedVersion: $version, input: $input) {{ authRule {{ {RULE} }} }} }}"
    )
}

const DELETE: &str = "mutation($id: ID!, $version: Int) {
    deleteAuthRule(id: $id, expectedVersion: $version) { deletedId } }";

/// What the log remembers of rules.
async fn acts(app: &TestApp) -> Vec<audit::entity::Model> {
    let all = audit::entity::Entity::find().order_by_asc(audit::entity::Column::Seq).all(app.db.read()).await.unwrap();
    all.into_iter().filter(|act| act.target.starts_with("rule_")).collect()
}

async fn rules(app: &TestApp) -> Vec<Value> {
    let told = app.data(&format!("{{ authRules {{ {RULE} }} }}"), json!({})).await;
    told["authRules"].as_array().unwrap().clone()
}

async fn shipped(app: &TestApp, kind: SubjectType) -> auth_rule::Model {
    let all = auth_rule::Entity::find().all(app.db.read()).await.unwrap();
    all.into_iter().find(|rule| rule.subject_type == Some(kind) && rule.version == 1).unwrap()
}

fn rule(selector: Selector, auth_type: AuthType, enabled: bool) -> RuleInput {
    RuleInput { selector, auth_type, enabled, note: None }
}

fn scene(scene: Scene) -> Selector {
    Selector { scene: Some(scene), ..Selector::default() }
}

#[tokio::test]
async fn a_rule_is_made_changed_and_taken_away_and_the_log_remembers() {
    let app = TestApp::new().await;
    let selector = json!({"scene": "BATCH_PAYMENT", "subjectType": null, "agreementType": "PAYMENT_AGENCY_AGREEMENT"});
    let first =
        json!({"selector": selector, "authType": "PAYMENT_VERIFICATION", "enabled": false, "note": "试点\n两周"});
    let made = app.data(&create(), json!({"input": first})).await["createAuthRule"]["authRule"].take();
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("rule_"));
    let told = json!({"id": id, "number": 3, "selector": selector, "authType": "PAYMENT_VERIFICATION", "enabled": false,
        "note": "试点\n两周", "version": 1, "updatedBy": "client:demo", "shadowedBy": null});
    assert_eq!(made, told);

    // Ids grow with time, and entries are told by their ids.
    app.advance(TimeDelta::seconds(1));
    let second = json!({"selector": {"scene": "BATCH_PAYMENT"}, "authType": "FACE_VERIFICATION", "enabled": true});
    let vars = json!({"id": id, "version": 1, "input": second});
    let changed = app.data(&update(), vars.clone()).await["updateAuthRule"]["authRule"].take();
    assert_eq!((&changed["version"], &changed["note"], &changed["enabled"]), (&json!(2), &json!(null), &json!(true)));
    assert_eq!(changed["selector"], json!({"scene": "BATCH_PAYMENT", "subjectType": null, "agreementType": null}));

    // What says nothing new changes nothing.
    let vars = json!({"id": id, "version": 2, "input": second});
    let same = app.data(&update(), vars).await["updateAuthRule"]["authRule"].take();
    assert_eq!(same, changed);

    app.advance(TimeDelta::seconds(1));
    assert_eq!(app.data(DELETE, json!({"id": id, "version": 2})).await["deleteAuthRule"]["deletedId"], id);
    assert!(rules(&app).await.iter().all(|rule| rule["id"] != id));
    let next = app.data(&create(), json!({"input": second})).await["createAuthRule"]["authRule"]["number"].take();
    assert_eq!(next, 4, "a number is never given twice");

    let told = |selector: Value, auth_type: &str, enabled: bool, note: Value, version: i32| json!({"selector": selector, "authType": auth_type, "enabled": enabled, "note": note, "number": 3, "version": version});
    let was = told(selector, "PAYMENT_VERIFICATION", false, json!("试点\n两周"), 1);
    let scene = json!({"scene": "BATCH_PAYMENT", "subjectType": null, "agreementType": null});
    let is = told(scene, "FACE_VERIFICATION", true, json!(null), 2);
    let expected = [
        ("createAuthRule", None, Some(was.clone())),
        ("updateAuthRule", Some(was), Some(is.clone())),
        ("deleteAuthRule", Some(is), None),
    ];
    let acts = acts(&app).await;
    assert_eq!(acts.len(), expected.len() + 1);
    assert_eq!(acts[2].at, app.now());
    for (act, (action, before, after)) in acts.into_iter().zip(expected) {
        assert_eq!((act.action.as_str(), act.before, act.after), (action, before, after));
        assert_eq!((act.actor.as_str(), act.target.as_str()), ("client:demo", id));
    }
}

#[tokio::test]
async fn what_is_written_decides_the_next_flow_and_none_that_is_under_way() {
    let app = TestApp::new().await;
    let before = app.start(individual("before")).await;
    let selector = Selector { subject_type: Some(SubjectType::Individual), ..scene(Scene::BatchPayment) };
    let caller = app.demo.caller();
    let special = change::create(&app, &caller, rule(selector, AuthType::PaymentVerification, true)).await.unwrap();
    let after = app.start(individual_with_account("after")).await;
    assert_eq!((before.auth_type, after.auth_type), (AuthType::FaceVerification, AuthType::PaymentVerification));
    assert_eq!(app.flow(before.id).await.auth_type, AuthType::FaceVerification);

    change::delete(&app, &caller, special.id, None).await.unwrap();
    let query = "query($id: ID!) { signFlow(id: $id) { decision { authRule { id } authRuleVersion explanation } } }";
    let all = app.token(&app.demo, None);
    let general = shipped(&app, SubjectType::Individual).await.id;
    for (language, reason) in
        [("en", format!("more fixed dimensions than {general} v1")), ("zh-CN", format!("固定的维度多于 {general} v1"))]
    {
        let told = app.ask(&all, language, query, json!({"id": after.id.to_string()})).await.json();
        let decision = &told["data"]["signFlow"]["decision"];
        assert_eq!((&decision["authRule"], &decision["authRuleVersion"]), (&json!(null), &json!(1)), "it is no more");
        let words = decision["explanation"].as_str().unwrap();
        assert!(words.contains(&format!("{} v1 (BATCH_PAYMENT|INDIVIDUAL|*)", special.id)), "{words}");
        assert!(words.contains(&reason), "{words}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn the_list_is_calm_and_holds_what_is_disabled_too() {
    let app = TestApp::new().await;
    let caller = app.demo.caller();
    let code = |code: &str| Some(code.to_owned());
    let all = |selector| rule(selector, AuthType::FaceVerification, true);
    for input in [
        all(Selector::default()),
        all(scene(Scene::MemberSettlement)),
        all(Selector { agreement_type: code("SETTLEMENT_MANDATE"), ..Selector::default() }),
        all(Selector { agreement_type: code("SETTLEMENT_MANDATE"), ..scene(Scene::Collection) }),
        rule(scene(Scene::Collection), AuthType::FaceVerification, false),
        all(scene(Scene::Collection)),
        rule(scene(Scene::Collection), AuthType::PaymentVerification, false),
    ] {
        change::create(&app, &caller, input).await.unwrap();
    }
    let told: Vec<_> = rules(&app)
        .await
        .iter()
        .map(|rule| {
            let part = |name: &str| rule["selector"][name].as_str().unwrap_or("*").to_owned();
            let on = if rule["enabled"] == true { "" } else { " off" };
            format!("{} {} {}{on}", part("scene"), part("subjectType"), part("agreementType"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "COLLECTION * SETTLEMENT_MANDATE",
            "* * SETTLEMENT_MANDATE",
            "COLLECTION * *",
            "COLLECTION * * off",
            "COLLECTION * * off",
            "MEMBER_SETTLEMENT * *",
            "* CORPORATE *",
            "* INDIVIDUAL *",
            "* * *",
        ]
    );
}

#[tokio::test]
async fn what_can_not_be_a_rule_is_refused_all_at_once() {
    let app = TestApp::new().await;
    let bad = json!({"selector": {"agreementType": "NONE"}, "authType": "FACE_VERIFICATION", "enabled": true,
        "note": "长".repeat(501)});
    let all = app.token(&app.demo, None);
    for (language, words) in [
        ("en", ["not the code of an agreement type", "0-500 characters, no control characters"]),
        ("zh-CN", ["没有这个编码的协议类型", "须为 0-500 个字符，不含控制字符"]),
    ] {
        let told = app.ask(&all, language, &create(), json!({"input": bad})).await.json();
        let fields = &told["errors"][0]["extensions"]["fields"];
        assert_eq!(
            *fields,
            json!([{"path": "selector.agreementType", "problem": words[0]}, {"path": "note", "problem": words[1]}])
        );
    }
    for note in ["长".repeat(500), String::new(), "一\n二".into()] {
        let well = json!({"selector": {}, "authType": "FACE_VERIFICATION", "enabled": false, "note": note});
        assert_eq!(code(&app.graphql(&create(), json!({"input": well})).await), None);
    }
    for note in ["a\u{0}b", "a\tb"] {
        let bad = json!({"selector": {}, "authType": "FACE_VERIFICATION", "enabled": false, "note": note});
        assert_eq!(code(&app.graphql(&create(), json!({"input": bad})).await), Some("INVALID_ARGUMENT"), "{note:?}");
    }
    assert_eq!(acts(&app).await.len(), 3, "what was refused is not in the log");
}

#[tokio::test]
async fn a_rule_that_is_not_there_or_was_changed_meanwhile_is_left_alone() {
    let app = TestApp::new().await;
    let id = shipped(&app, SubjectType::Corporate).await.id.to_string();
    let input = json!({"selector": {"subjectType": "CORPORATE"}, "authType": "FACE_VERIFICATION", "enabled": true});
    for nobody in ["rule_00000000-0000-7000-8000-000000000000", "nonsense", &app.demo.client.id.to_string()] {
        let vars = json!({"id": nobody, "version": 1, "input": input});
        assert_eq!(code(&app.graphql(&update(), vars).await), Some("NOT_FOUND"), "{nobody}");
        assert_eq!(code(&app.graphql(DELETE, json!({"id": nobody})).await), Some("NOT_FOUND"), "{nobody}");
    }
    app.data(&update(), json!({"id": id, "version": 1, "input": input})).await;
    let late = json!({"id": id, "version": 1, "input": input});
    for told in [app.graphql(&update(), late.clone()).await, app.graphql(DELETE, late).await] {
        let extensions = &told["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["version"]), (&json!("STATE_CONFLICT"), &json!(2)), "{told}");
    }
    assert_eq!(app.data(DELETE, json!({"id": id})).await["deleteAuthRule"]["deletedId"], id.as_str());
    assert_eq!(app.try_start(corporate("none")).await.unwrap_err().code(), "AUTH_RULE_NOT_FOUND");
}

#[tokio::test]
async fn an_enabled_rule_is_in_the_way_of_another_with_its_selector() {
    let app = TestApp::new().await;
    let theirs = shipped(&app, SubjectType::Corporate).await.id.to_string();
    let twin = |enabled: bool| json!({"input": {"selector": {"subjectType": "CORPORATE"}, "authType": "FACE_VERIFICATION", "enabled": enabled}});
    let refused = app.graphql(&create(), twin(true)).await;
    assert_eq!(code(&refused), Some("ALREADY_EXISTS"));
    assert_eq!(refused["errors"][0]["extensions"]["conflictsWith"], theirs.as_str());
    let made = app.data(&create(), twin(false)).await["createAuthRule"]["authRule"].take();
    assert_eq!(made["shadowedBy"]["id"], theirs.as_str(), "a disabled one may wait beside it");
    let mut enabling = twin(true);
    (enabling["id"], enabling["version"]) = (made["id"].clone(), json!(1));
    let refused = app.graphql(&update(), enabling.clone()).await;
    assert_eq!(refused["errors"][0]["extensions"]["conflictsWith"], theirs.as_str());
    app.data(DELETE, json!({"id": theirs})).await;
    assert_eq!(app.data(&update(), enabling).await["updateAuthRule"]["authRule"]["version"], 2);
    assert_eq!(acts(&app).await.len(), 3, "what was refused is not in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_edit_a_rule_at_once_one_is_told_and_nothing_is_lost() {
    let app = Arc::new(TestApp::new().await);
    let starter = Starter::of("two edits of a rule");
    let caller = app.demo.with_scopes([Scope::RulesWrite].into());
    let id = shipped(&app, SubjectType::Corporate).await.id;
    for version in 1..=20 {
        let edit = |by: &str| {
            let (caller, selector) =
                (caller.clone(), Selector { subject_type: Some(SubjectType::Corporate), ..Selector::default() });
            let note = Some(format!("{by} {version}"));
            let input = RuleInput { note, ..rule(selector, AuthType::PaymentVerification, true) };
            contender!(app => change::update(&app, &caller, id, version, input).await)
        };
        let outcomes = starter.run(vec![edit("a"), edit("b")]).await;
        let stands = auth_rule::Entity::find_by_id(id).one(app.db.read()).await.unwrap().unwrap();
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [stands], "what one was told stands");
        assert_eq!(lost.len(), 1);
        assert!(
            lost.into_iter().all(|lost| matches!(lost, Err(Error::LostUpdate { version: is }) if is == version + 1))
        );
    }
    let updates = acts(&app).await.into_iter().filter(|act| act.action == Operation::UpdateAuthRule.name());
    assert_eq!(updates.count(), 20, "an entry for each that won");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_one_selector_at_once_one_has_it() {
    let app = Arc::new(TestApp::new().await);
    let starter = Starter::of("one selector");
    for round in 0..10 {
        let selector = if round % 2 == 0 { scene(Scene::Collection) } else { scene(Scene::BatchPayment) };
        let waiting = rule(selector.clone(), AuthType::FaceVerification, false);
        let waiting = change::create(&app, &app.demo.caller(), waiting).await.unwrap().id;
        let making = |_| {
            let (caller, input) = (app.demo.caller(), rule(selector.clone(), AuthType::FaceVerification, true));
            contender!(app => change::create(&app, &caller, input).await)
        };
        let mut contenders: Vec<_> = (0..4).map(making).collect();
        let (caller, input) = (app.demo.caller(), rule(selector.clone(), AuthType::FaceVerification, true));
        contenders.push(contender!(app => change::update(&app, &caller, waiting, 1, input).await));
        let (won, lost): (Vec<_>, Vec<_>) = starter.run(contenders).await.into_iter().partition(Result::is_ok);
        let [Ok(winner)] = &won[..] else { panic!("{won:?}") };
        for refused in lost {
            assert!(
                matches!(&refused, Err(Error::AlreadyExists { conflicts_with }) if *conflicts_with == winner.id.to_string()),
                "{refused:?}"
            );
        }
        change::delete(&app, &app.demo.caller(), winner.id, None).await.unwrap();
    }
}
