//! Texts that would be markup, wherever somebody outside or inside may leave one: on every page of the console they are
//! text.

use chrono::TimeDelta;
use esign_domain::{
    Caller,
    agreement::save::{self, SaveType},
    auth::rule::{RuleInput, change},
    caller::Role,
    client::{ClientInput, register},
    flow,
    ids::FlowId,
    selector::Selector,
    sms::template::{self, TemplateInput},
    terms::{AuthType, Scene, SubjectType},
};
use esign_tests::{TestApp, fixture::corporate};
use serde_json::json;

/// The same that the browser stories plant.
fn corpus() -> Vec<String> {
    serde_json::from_str(include_str!("../browser/world/hostile.json")).expect("a list of texts")
}

/// Whether the text stands on the page as markup: that is, as it was left.
fn is_markup(html: &str, text: &str) -> bool {
    text.contains(['<', '"', '&']) && html.contains(text)
}

fn escaped(text: &str) -> String {
    let entities = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    entities.iter().fold(text.to_owned(), |text, (sign, entity)| text.replace(*sign, entity))
}

/// Leaves one in everything that staff write.
async fn leave_with_staff(app: &TestApp, number: usize, text: &str) {
    let code = format!("hostile-{number}");
    let client = ClientInput { code, name: text.into(), ..ClientInput::default() };
    register::register(app, &Caller::System, client).await.expect("a client");
    let template = TemplateInput {
        name: text.into(),
        selector: Selector { scene: Some(Scene::Collection), ..Selector::default() },
        body: format!("{text} {{{{ link }}}}"),
        sign_name: None,
        gateway_templates: Vec::new(),
    };
    // Some break a rule of texts and aren't taken at all.
    let _ = template::create(app, &Caller::System, template).await;
    let selector = Selector { agreement_type: Some("SETTLEMENT_MANDATE".into()), ..Selector::default() };
    let rule = RuleInput { selector, auth_type: AuthType::FaceVerification, enabled: false, note: Some(text.into()) };
    change::create(app, &Caller::System, rule).await.expect("a rule");
    let kind = SaveType {
        code: format!("HOSTILE_{number}"),
        name: text.into(),
        scenes: vec![Scene::Collection],
        subject_types: vec![SubjectType::Corporate],
        enabled: false,
    };
    save::save(app, &Caller::System, None, kind).await.expect("an agreement type");
}

/// Leaves one in everything that upstream and signers write.
async fn leave_in_a_flow(app: &TestApp, number: usize, text: &str) -> FlowId {
    let mut input = corporate(&format!("hostile-{number}"));
    input["metadata"] = json!({"note": text, text: "value"});
    input["fundPurpose"] = json!(text);
    input["subject"]["name"] = json!(text);
    input["subject"]["bankAccount"]["bankName"] = json!(text);
    // A signatory's name is at most fifty characters, and stays one for the longer texts.
    if text.chars().count() <= 50 {
        input["subject"]["signatoryName"] = json!(text);
    }
    let id = app.start(input).await.id;
    app.run_jobs().await;
    if number.is_multiple_of(2) {
        flow::cancel(app, &app.demo.caller(), id, text).await.expect("it can be taken back");
    } else {
        let signer = app.signer(id).await;
        signer.open().await.expect("the link opens");
        signer.decline(text).await.expect("it can be declined");
    }
    id
}

#[tokio::test]
async fn whatever_is_left_in_a_text_is_text_on_every_page() {
    let app = TestApp::new().await;
    let (corpus, mut flows) = (corpus(), Vec::new());
    for (number, text) in corpus.iter().enumerate() {
        leave_with_staff(&app, number, text).await;
        flows.push(leave_in_a_flow(&app, number, text).await);
    }
    app.live_through(TimeDelta::minutes(1)).await;
    let admin = app.desk(Role::Admin).await;
    let mut pages = admin.walk().await;
    // A walk looks at one of each kind: the flows are all looked at, for each holds another text.
    for id in flows {
        let path = format!("/admin/flows/{id}");
        pages.push((path.clone(), admin.page(&path).await));
    }
    assert!(pages.len() > corpus.len() + 10, "{}", pages.len());
    for (path, html) in &pages {
        for text in &corpus {
            assert!(!is_markup(html, text), "{path} shows as markup: {text}");
        }
        assert!(!html.contains("href=\"javascript:"), "{path}");
    }
    for text in &corpus {
        assert!(
            pages.iter().any(|(_, html)| html.contains(&escaped(text))),
            "no page shows {text}: the test sees nothing"
        );
    }
}
