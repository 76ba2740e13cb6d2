//! SMS templates before anybody gets one: what is refused when, all of it at once; previews; the list.

use esign_tests::{TestApp, door::code};
use serde_json::{Value, json};

const CREATE: &str =
    "mutation($input: SmsTemplateInput!) { createSmsTemplate(input: $input) { smsTemplate { id version } } }";
const UPDATE: &str = "mutation($id: ID!, $version: Int!, $input: SmsTemplateInput!) {
    updateSmsTemplate(id: $id, expectedVersion: $version, input: $input) { smsTemplate { id version } } }";
const SET: &str = "mutation($id: ID!, $version: Int!, $status: TemplateStatus!) {
    setSmsTemplateStatus(id: $id, expectedVersion: $version, status: $status) { smsTemplate { id version } } }";
const PREVIEW: &str = "query($input: PreviewSmsInput!) { previewSms(input: $input) { text characters segments
    charactersAtLongest segmentsAtLongest unknownVariables problems { gateway rule message blocking } } }";
const LIST: &str = "query($status: TemplateStatus, $first: Int, $after: String) {
    smsTemplates(status: $status, first: $first, after: $after) { edges { cursor node { name } } nodes { name }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
const LINK: &str = "{{ publicUrl }}/s/{{ linkCode }}";

/// The problems that an answer tells, as `path: problem`.
fn problems(answer: &Value) -> Vec<String> {
    assert_eq!(code(answer), Some("INVALID_ARGUMENT"), "{answer}");
    let text = |field: &Value, name: &str| field[name].as_str().unwrap().to_owned();
    let fields = answer["errors"][0]["extensions"]["fields"].as_array().unwrap();
    fields.iter().map(|field| format!("{}: {}", text(field, "path"), text(field, "problem"))).collect()
}

fn paths(answer: &Value) -> Vec<String> {
    problems(answer).into_iter().map(|told| told.split_once(':').unwrap().0.to_owned()).collect()
}

fn draft(body: &str) -> Value {
    json!({"name": "n", "selector": {"scene": "COLLECTION", "subjectType": "CORPORATE"}, "body": body})
}

async fn create(app: &TestApp, input: Value) -> Value {
    app.data(CREATE, json!({"input": input})).await["createSmsTemplate"]["smsTemplate"]["id"].take()
}

#[tokio::test]
async fn every_problem_of_form_is_told_at_once_and_in_the_callers_language() {
    let app = TestApp::new().await;
    let entry = |gateway: &str, code: &str| json!({"gateway": gateway, "code": code, "review": "PENDING"});
    let bad = json!({"name": " ", "selector": {"agreementType": "NONE"}, "body": "签".repeat(501), "signName": "【云帆】",
        "gatewayTemplates": [entry("nobody", ""), entry("sandbox", "A"), entry("sandbox", &"A".repeat(65))]});
    let refused = app.graphql(CREATE, json!({"input": bad})).await;
    assert_eq!(
        problems(&refused),
        [
            "name: 1-200 characters, no control characters",
            "body: 1-500 characters, no control characters",
            "signName: 2-16 characters, without 【 and 】",
            "gatewayTemplates.0.gateway: not the name of a configured gateway",
            "gatewayTemplates.0.code: 1-64 characters, no control characters",
            "gatewayTemplates.2.gateway: named more than once",
            "gatewayTemplates.2.code: 1-64 characters, no control characters",
            "selector.agreementType: not the code of an agreement type",
        ]
    );
    let chinese = app.ask(&app.token(&app.demo, None), "zh", CREATE, json!({"input": bad})).await.json();
    for told in problems(&chinese) {
        assert!(!told.split_once(": ").unwrap().1.contains(char::is_whitespace) || told.contains('须'), "{told}");
    }
    for (name, body, sign, well) in [
        ("签".repeat(200), "签".repeat(500), Some("签".repeat(16)), true),
        ("签".repeat(201), "签".into(), None, false),
        ("n".into(), " \n".into(), None, false),
        ("n".into(), "一\n二".into(), Some("云帆".into()), true),
        ("n".into(), "一\u{7}二".into(), None, false),
        ("n".into(), "签".into(), Some("云".into()), false),
        ("n".into(), "签".into(), Some("签".repeat(17)), false),
        ("n".into(), "签".into(), Some(String::new()), false),
    ] {
        let input = json!({"name": name, "selector": {}, "body": body, "signName": sign});
        let answer = app.graphql(CREATE, json!({"input": input})).await;
        assert_eq!(code(&answer).is_none(), well, "{input}: {answer}");
    }
}

#[tokio::test]
async fn what_carriers_would_refuse_is_saved_and_not_enabled() {
    let app = TestApp::new().await;
    let mut input = draft("【云帆】{{ who }}请看 t.cn/x");
    input["gatewayTemplates"] =
        json!([{"gateway": "sandbox", "code": "SMS_1", "review": "REJECTED", "note": "少链接"}]);
    let id = create(&app, input).await;
    let enable = |version: i32| json!({"id": id, "version": version, "status": "ENABLED"});
    assert_eq!(
        problems(&app.graphql(SET, enable(1)).await),
        [
            "body: there is no variable called who",
            "body: t.cn/x is another address than {{ publicUrl }}/s/{{ linkCode }}",
            "body: the link is missing: write {{ publicUrl }}/s/{{ linkCode }}",
            "body: 【 and 】 belong to the sign name, which is put in front of the text",
            "gatewayTemplates: no gateway could send it: sandbox code_rejected",
        ]
    );
    // A warning is no obstacle: client names can be longer than carriers take, and this word is looked at by people.
    let fine = draft(&format!("{{{{ clientName }}}}的发票：{LINK}"));
    let mended = app.data(UPDATE, json!({"id": id, "version": 1, "input": fine})).await;
    assert_eq!(mended["updateSmsTemplate"]["smsTemplate"]["version"], 2);
    assert!(code(&app.graphql(SET, enable(2)).await).is_none());
    // An enabled one stays one that can be sent, and every problem is told with those of form.
    let mut bad = draft("没有链接");
    bad["name"] = json!("");
    let refused = app.graphql(UPDATE, json!({"id": id, "version": 3, "input": bad})).await;
    assert_eq!(paths(&refused), ["name", "body"]);
    let disable = json!({"id": id, "version": 3, "status": "DISABLED"});
    assert!(code(&app.graphql(SET, disable).await).is_none());
    assert!(code(&app.graphql(UPDATE, json!({"id": id, "version": 4, "input": draft("没有链接")})).await).is_none());
}

#[tokio::test]
async fn a_preview_shows_the_text_what_it_costs_and_what_is_wrong() {
    let app = TestApp::new().await;
    let preview = async |input: Value| app.data(PREVIEW, json!({"input": input})).await["previewSms"].take();
    let empty = preview(json!({"body": ""})).await;
    assert_eq!((&empty["characters"], &empty["segments"]), (&json!(0), &json!(0)));
    assert_eq!(empty["problems"][0]["rule"], "no_constant_link");

    let url = &app.settings.server.public_url;
    let body = format!("{{{{ subjectName }}}}{{{{ who }}}}，{{{{ agreementName }}}}：{LINK}");
    let plain = preview(json!({"body": body})).await;
    let code = "0".repeat(22);
    assert_eq!(plain["text"], format!("福州云帆商贸有限公司{{{{ who }}}}，代付授权协议：{url}/s/{code}"));
    assert_eq!(plain["unknownVariables"], json!(["who"]));
    let length = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    assert_eq!(length(&plain["characters"]), plain["text"].as_str().unwrap().chars().count());
    assert_eq!(length(&plain["charactersAtLongest"]), length(&plain["characters"]) - 10 - 6 + 100 + 200);
    assert!(length(&plain["segmentsAtLongest"]) > length(&plain["segments"]));
    let told = |preview: &Value| -> Vec<(String, bool)> {
        let all = preview["problems"].as_array().unwrap().iter();
        all.map(|told| (told["rule"].as_str().unwrap().to_owned(), told["blocking"].as_bool().unwrap())).collect()
    };
    let long = ("variable_too_long".to_owned(), false);
    assert_eq!(told(&plain), [("variables_side_by_side".to_owned(), true), long.clone(), long]);
    assert!(plain["problems"].as_array().unwrap().iter().all(|told| told["gateway"] == "sandbox"));

    let signed = preview(json!({"body": body, "signName": "云帆"})).await;
    assert_eq!(signed["text"], format!("【云帆】{}", plain["text"].as_str().unwrap()));
    assert_eq!(length(&signed["characters"]), length(&plain["characters"]) + 4);
    let fixed = preview(json!({"body": format!("{{{{ subjectName }}}}：{{{{ agreementName }}}} {LINK}"),
        "selector": {"subjectType": "INDIVIDUAL", "agreementType": "SETTLEMENT_MANDATE"},
        "gatewayTemplates": [{"gateway": "sandbox", "code": "A", "review": "PENDING"}]}))
    .await;
    assert!(fixed["text"].as_str().unwrap().starts_with("李晓明：结算授权委托书 "), "{}", fixed["text"]);
    assert_eq!(told(&fixed).last().unwrap(), &("code_pending".to_owned(), true));

    let chinese = app.ask(&app.token(&app.demo, None), "zh", PREVIEW, json!({"input": {"body": "x"}})).await.json();
    let message = &chinese["data"]["previewSms"]["problems"][0]["message"];
    assert_eq!(message, "没有链接：请写 {{ publicUrl }}/s/{{ linkCode }}");
    let far = json!({"body": "签".repeat(2_001), "signName": "签".repeat(65), "selector": {"agreementType": "NONE"}});
    let refused = app.graphql(PREVIEW, json!({"input": far})).await;
    assert_eq!(paths(&refused), ["body", "signName", "selector.agreementType"]);
}

#[tokio::test]
async fn the_list_gives_every_template_once_newest_first() {
    let app = TestApp::new().await;
    for n in 0..12 {
        // Some at the same moment: only the id tells them apart.
        app.advance(chrono::TimeDelta::milliseconds(n % 3));
        create(&app, json!({"name": format!("t-{n}"), "selector": {}, "body": "x"})).await;
    }
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["name"].as_str().unwrap().to_owned()).collect()
    };
    let list = async |vars: Value| app.data(LIST, vars).await["smsTemplates"].take();
    let all = names(&list(json!({"first": 100})).await);
    assert_eq!(all.len(), 14, "with the two that are shipped");
    assert_eq!(all[0], "t-11");
    let (mut seen, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let page = list(json!({"first": 5, "after": after})).await;
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        seen.extend(names(&page));
        pages += 1;
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!((seen, pages), (all, 3));
    assert_eq!(names(&list(json!({"status": "DRAFT"})).await).len(), 12);
    assert_eq!(names(&list(json!({"status": "ENABLED"})).await).len(), 2);
    assert_eq!(names(&list(json!({"status": "DISABLED"})).await).len(), 0);

    app.start(esign_tests::fixture::individual("one")).await;
    app.run_jobs().await;
    let of_flows = app.data("{ signFlows { edges { cursor } } }", json!({})).await;
    let foreign = of_flows["signFlows"]["edges"][0]["cursor"].clone();
    let refused = app.graphql(LIST, json!({"first": 101, "after": foreign})).await;
    assert_eq!(paths(&refused), ["first", "after"]);
}
