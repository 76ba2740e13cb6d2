//! Auth rules at the console: the matrix, a change that is seen before it is saved, who may and who may not.

use esign_domain::{
    Caller,
    audit::{self, AuditFilter},
    auth::{
        entity::auth_rule,
        rule::{self, RuleInput, change},
    },
    caller::Role,
    decision,
    selector::Selector,
    terms::{AuthType, Scene, SubjectType},
};
use esign_tests::{
    TestApp,
    console::{Desk, carried, location},
    fixture::corporate,
};

const MARKUP: &str = "<img src=x onerror=alert(1)>";
const MARKUP_AS_TEXT: &str = "&lt;img src=x onerror=alert(1)&gt;";

async fn rules(app: &TestApp) -> Vec<auth_rule::Model> {
    rule::list(app, &Caller::System).await.unwrap()
}

async fn shipped(app: &TestApp, kind: SubjectType) -> auth_rule::Model {
    rules(app).await.into_iter().find(|rule| rule.subject_type == Some(kind)).unwrap()
}

/// How often somebody was refused.
async fn refusals(app: &TestApp) -> usize {
    let filter = AuditFilter { action: Some(audit::REFUSED.into()), ..AuditFilter::default() };
    audit::list(app, &Caller::System, filter, None, 100).await.unwrap().0.len()
}

/// A rule for collections by companies, as its form is filled in.
const FACE_FOR_COLLECTION: [(&str, &str); 6] = [
    ("selector.scene", "COLLECTION"),
    ("selector.subjectType", "CORPORATE"),
    ("selector.agreementType", ""),
    ("authType", "FACE_VERIFICATION"),
    ("enabled", "on"),
    ("note", MARKUP),
];

async fn preview(desk: &Desk<'_>, form: &[(&str, &str)]) -> String {
    let answer = desk.post("/admin/rules/preview", form).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[tokio::test]
async fn the_matrix_shows_every_decision_and_its_holes_lead_to_a_new_rule() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let html = admin.page("/admin/rules").await;
    let reference = decision::matrix(&app, &Caller::System).await.unwrap();
    let allowed = reference.overview().cells.iter().filter(|cell| cell.allowed).count();
    let shown = html.matches("<td class=\"pay").count() + html.matches("<td class=\"face").count();
    assert_eq!(
        (shown, html.matches("<td class=\"na\"").count()),
        (allowed, reference.overview().cells.len() - allowed)
    );
    assert!(!html.contains("处空缺") && html.contains("scope=\"colgroup\"") && html.contains("scope=\"row\""));

    let rule = shipped(&app, SubjectType::Individual).await;
    change::delete(&app, &Caller::System, rule.id, None).await.unwrap();
    let html = admin.page("/admin/rules").await;
    let holes = html.matches("<td class=\"hole\"").count();
    assert!(holes > 0 && html.contains(&format!("{holes} 处空缺")), "{holes}");
    let leads =
        "/admin/rules/new?selector.scene=COLLECTION&amp;selector.subjectType=INDIVIDUAL&amp;selector.agreementType=";
    let (_, rest) = html.split_once(leads).expect("a hole leads to a rule that fills it");
    let code = rest.split('"').next().unwrap();
    let form = admin.page(&format!("{}{code}", leads.replace("&amp;", "&"))).await;
    assert!(form.contains("<s><span class=\"visually-hidden\">原来是 </span>无规则</s>"), "{form}");
}

#[tokio::test]
async fn a_change_is_seen_before_it_is_saved_and_then_saved_as_it_was_seen() {
    let app = TestApp::new().await;
    app.start(corporate("today")).await;
    app.run_jobs().await;
    let (operator, before) = (app.desk(Role::Operator).await, rules(&app).await.len());
    let html = preview(&operator, &FACE_FOR_COLLECTION).await;
    assert_eq!(rules(&app).await.len(), before, "a preview saves nothing");
    let input = RuleInput {
        selector: Selector {
            scene: Some(Scene::Collection),
            subject_type: Some(SubjectType::Corporate),
            agreement_type: None,
        },
        auth_type: AuthType::FaceVerification,
        enabled: true,
        note: Some(MARKUP.into()),
    };
    let impact = decision::auth_rule_impact(&app, &Caller::System, None, Some(input.clone())).await.unwrap();
    assert!(!impact.is_empty());
    assert!(html.contains(&format!("会改变 <b class=\"b6\">{}</b> 个格子", impact.len())), "{html}");
    assert!(html.contains("今天已发起的流程里有 <b class=\"b6\">1</b> 个"), "{html}");
    assert_eq!(html.matches("</s> →").count(), impact.len(), "each cell that changes says what it was");
    assert!(html.contains(MARKUP_AS_TEXT) && !html.contains(MARKUP));

    let form = carried(&html, "/admin/rules");
    let answer = operator.post_carried("/admin/rules", &form).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/rules"));
    let made = rules(&app).await.into_iter().find(|rule| rule.note.is_some()).unwrap();
    assert_eq!((RuleInput::from(&made), made.updated_by.as_deref()), (input, Some("staff:operator")));

    // A flow that was decided so already is none that would be decided otherwise.
    app.start(corporate("since")).await;
    app.run_jobs().await;
    let again: Vec<_> =
        FACE_FOR_COLLECTION.into_iter().map(|(n, v)| if n == "enabled" { (n, "") } else { (n, v) }).collect();
    let (id, version) = (made.id.to_string(), made.version.to_string());
    let change: Vec<_> = again.into_iter().chain([("id", id.as_str()), ("version", version.as_str())]).collect();
    assert!(preview(&operator, &change).await.contains("今天已发起的流程里有 <b class=\"b6\">1</b> 个"));
    let html = operator.page(&format!("/admin/rules/{id}")).await;
    assert!(html.contains(MARKUP_AS_TEXT) && !html.contains(MARKUP));
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_not_offered_to_be_saved() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let taken = [("selector.subjectType", "CORPORATE"), ("authType", "FACE_VERIFICATION"), ("enabled", "on")];
    let html = preview(&admin, &taken).await;
    let other = shipped(&app, SubjectType::Corporate).await;
    assert!(html.contains("两条不能同时启用") && html.contains(&format!("/admin/rules/{}", other.id)), "{html}");
    assert!(!html.contains("保存规则"));
    let before = rules(&app).await;
    assert_eq!(admin.post("/admin/rules", &taken).await.status, 422);
    let long = "字".repeat(501);
    for wrong in
        [("selector.scene", "ELSEWHERE"), ("selector.agreementType", "NONE"), ("authType", ""), ("note", &*long)]
    {
        let mut form = vec![("selector.scene", "COLLECTION"), ("authType", "FACE_VERIFICATION"), ("enabled", "on")];
        form.retain(|(name, _)| *name != wrong.0);
        form.push(wrong);
        let answer = admin.post("/admin/rules/preview", &form).await;
        assert!(answer.status == 422 && !answer.text().contains("保存规则"), "{wrong:?}: {}", answer.status);
        assert_eq!(admin.post("/admin/rules", &form).await.status, 422, "{wrong:?}");
    }
    assert_eq!(rules(&app).await, before);
}

#[tokio::test]
async fn of_two_who_change_a_rule_the_second_keeps_what_was_typed_and_sees_how_it_is_now() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let rule = shipped(&app, SubjectType::Corporate).await;
    let path = format!("/admin/rules/{}", rule.id);
    let first = RuleInput { note: Some("先到的人写的".into()), ..RuleInput::from(&rule) };
    change::update(&app, &app.demo.caller(), rule.id, rule.version, first).await.unwrap();
    let mine = [
        ("version", "1"),
        ("selector.subjectType", "CORPORATE"),
        ("authType", "FACE_VERIFICATION"),
        ("enabled", "on"),
        ("note", MARKUP),
    ];
    let answer = admin.post(&path, &mine).await;
    let html = answer.text();
    assert_eq!(answer.status, 422);
    assert!(html.contains("规则被人改过") && html.contains("先到的人写的") && html.contains("client:demo"), "{html}");
    assert!(html.contains(MARKUP_AS_TEXT) && !html.contains(MARKUP));
    assert_eq!(shipped(&app, SubjectType::Corporate).await.note.as_deref(), Some("先到的人写的"));

    let answer = admin.post_carried(&path, &carried(&html, &path)).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let now = shipped(&app, SubjectType::Corporate).await;
    assert_eq!((now.version, now.note.as_deref(), now.auth_type), (3, Some(MARKUP), AuthType::FaceVerification));
}

#[tokio::test]
async fn a_rule_goes_after_it_was_seen_what_goes_with_it() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let rule = shipped(&app, SubjectType::Corporate).await;
    let path = format!("/admin/rules/{}/deletion", rule.id);
    let html = admin.page(&path).await;
    let impact = decision::auth_rule_impact(&app, &Caller::System, Some(rule.id), None).await.unwrap();
    assert!(html.contains(&format!("会改变 <b class=\"b6\">{}</b> 个格子", impact.len())), "{html}");
    let seen = carried(&html, &path);
    let noted = RuleInput { note: Some("改了".into()), ..RuleInput::from(&rule) };
    change::update(&app, &Caller::System, rule.id, rule.version, noted).await.unwrap();
    let answer = admin.post_carried(&path, &seen).await;
    assert_eq!(answer.status, 422, "who saw another version deletes nothing");
    assert!(answer.text().contains("刚被人改过"));
    assert_eq!(admin.post(&path, &[]).await.status, 422);
    let answer = admin.post_carried(&path, &carried(&answer.text(), &path)).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/rules"));
    assert!(rules(&app).await.iter().all(|other| other.id != rule.id));
    assert_eq!(admin.get(&format!("/admin/rules/{}", rule.id)).await.status, 404);
}

#[tokio::test]
async fn the_trial_names_all_that_match_and_why_the_first_goes_before_them() {
    let app = TestApp::new().await;
    let auditor = app.desk(Role::Auditor).await;
    let selector = Selector { scene: Some(Scene::Collection), ..Selector::default() };
    let input = RuleInput { selector, auth_type: AuthType::FaceVerification, enabled: true, note: None };
    let made = change::create(&app, &Caller::System, input).await.unwrap();
    let loser = shipped(&app, SubjectType::Corporate).await;
    let html = auditor.page("/admin/rules?scene=COLLECTION&subject=CORPORATE&agreement=SETTLEMENT_MANDATE").await;
    let (_, answer) = html.split_once("id=\"trial-answer\"").unwrap();
    let place = |id: &str| answer.find(id).unwrap_or_else(|| panic!("{id} is named: {answer}"));
    assert!(place(&made.id.to_string()) < place(&loser.id.to_string()));
    assert!(answer.contains("场景优先于主体类型"), "{answer}");
    assert!(answer.contains("/admin/sms-templates/"));
    let nothing = auditor.page("/admin/rules?scene=COLLECTION&subject=CORPORATE&agreement=NONE").await;
    assert!(nothing.contains("选好场景、主体和协议"));
}

#[tokio::test]
async fn who_may_not_change_rules_is_offered_nothing_and_what_is_forced_is_written_down() {
    let app = TestApp::new().await;
    let auditor = app.desk(Role::Auditor).await;
    let rule = shipped(&app, SubjectType::Corporate).await;
    let path = format!("/admin/rules/{}", rule.id);
    for page in ["/admin/rules", &path] {
        let html = auditor.page(page).await;
        assert!(!html.contains("/admin/rules/new") && !html.contains("/edit") && !html.contains("/deletion"), "{page}");
    }
    let before = rules(&app).await;
    for (done, path) in ["/admin/rules/new", &format!("{path}/edit"), &format!("{path}/deletion")].iter().enumerate() {
        assert_eq!((auditor.get(path).await.status.as_u16(), refusals(&app).await), (403, done + 1), "{path}");
    }
    let form = [("version", "1"), ("authType", "FACE_VERIFICATION"), ("selector.scene", "COLLECTION")];
    for (done, path) in ["/admin/rules", &path, &format!("{path}/deletion")].iter().enumerate() {
        assert_eq!((auditor.post(path, &form).await.status.as_u16(), refusals(&app).await), (403, done + 4), "{path}");
    }
    assert_eq!(rules(&app).await, before);
    assert_eq!(auditor.post_unmarked("/admin/rules/preview", &form).await.status, 403);
}
