//! Agreement types and their texts, from the first draft to a sealed document.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use esign_domain::{
    audit,
    flow::secret,
    ids::FlowId,
    seal::{self, query},
};
use esign_sealing::LayoutError;
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    door::code,
    fixture::{corporate, individual, with},
};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

const SAVE: &str = "mutation($version: Int, $input: AgreementTypeInput!) {
    saveAgreementType(expectedVersion: $version, input: $input) { agreementType { id code name version enabled scenes subjectTypes } } }";
const PUBLISH: &str = "mutation($input: PublishAgreementTemplateInput!) {
    publishAgreementTemplate(input: $input) { agreementType { version templates {
        id documentName position version variables source publishedBy versions { version source } } } } }";
const PREVIEW: &str =
    "query($input: PublishAgreementTemplateInput!, $type: SubjectType, $from: Int! = 1, $first: Int) {
    previewAgreement(input: $input, subjectType: $type) {
        pageCount pages(from: $from, first: $first) pdf variables errors { line column message } } }";

/// A text that has all it needs, and says one thing more.
fn text(says: &str) -> String {
    format!(
        "#let d = json(\"/data.json\")\n{says}\n#box(width: 76mm, height: 30mm) <sign_signatory>\n\
         #if d.subject.type == \"CORPORATE\" [#box(width: 42mm, height: 42mm) <seal_company>]"
    )
}

fn kind(code: &str) -> Value {
    json!({"code": code, "name": "门店合作协议", "scenes": ["COLLECTION", "BATCH_PAYMENT"],
        "subjectTypes": ["CORPORATE", "INDIVIDUAL"], "enabled": true})
}

fn document(code: &str, name: &str, position: i32, source: &str) -> Value {
    json!({"agreementType": code, "documentName": name, "position": position, "source": source})
}

async fn made(app: &TestApp, code: &str) -> Value {
    app.data(SAVE, json!({"input": kind(code)})).await["saveAgreementType"]["agreementType"].take()
}

/// Publishes; gives the documents of the type.
async fn published(app: &TestApp, input: Value) -> Value {
    app.data(PUBLISH, json!({"input": input})).await["publishAgreementTemplate"]["agreementType"]["templates"].take()
}

/// The paths and problems of an answer that refuses fields.
fn problems(answer: &Value) -> Vec<(String, String)> {
    assert_eq!(code(answer), Some("INVALID_ARGUMENT"), "{answer}");
    let fields = answer["errors"][0]["extensions"]["fields"].as_array().unwrap().iter();
    let text = |field: &Value, name: &str| field[name].as_str().unwrap().to_owned();
    fields.map(|field| (text(field, "path"), text(field, "problem"))).collect()
}

async fn audited(app: &TestApp) -> Vec<audit::entity::Model> {
    let entries = audit::entity::Entity::find()
        .filter(audit::entity::Column::Actor.ne("system"))
        .order_by_asc(audit::entity::Column::Seq);
    entries.all(app.db.read()).await.unwrap()
}

/// What a flow's texts may print, opened.
async fn document_data(app: &TestApp, id: FlowId) -> Value {
    let secrets = secret::row(app.db.read(), id).await.unwrap();
    let opened = app.vault.open(&secret::place("document_data", id), &secrets.document_data).unwrap();
    serde_json::from_slice(&opened).unwrap()
}

#[tokio::test]
async fn a_type_of_ones_own_goes_from_its_first_draft_to_a_sealed_document() {
    let app = TestApp::new().await;
    let kind = made(&app, "STORE_AGREEMENT").await;
    assert_eq!((&kind["code"], &kind["version"]), (&json!("STORE_AGREEMENT"), &json!(1)));
    let input = with(corporate("own-1"), "/agreementType", json!("STORE_AGREEMENT"));
    let refused = app.try_start(input.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "AGREEMENT_TYPE_NOT_SUPPORTED", "nothing is published yet");

    published(&app, document("STORE_AGREEMENT", "附件", 2, &text("#d.variables.at(\"store\")"))).await;
    let documents =
        published(&app, document("STORE_AGREEMENT", "主合同", 1, &text("#d.variables.rate #d.variables.store"))).await;
    let names: Vec<_> =
        documents.as_array().unwrap().iter().map(|it| (&it["documentName"], &it["variables"])).collect();
    assert_eq!(names, [(&json!("主合同"), &json!(["rate", "store"])), (&json!("附件"), &json!(["store"]))]);
    assert_eq!(documents[0]["publishedBy"], "client:demo");

    let refused = app.try_start(input.clone()).await.unwrap_err();
    assert_eq!(format!("{refused:?}").matches("\"missing\"").count(), 2, "{refused:?}");
    let values = json!({"rate": "千分之六", "store": "福州一店"});
    let id = app.start(with(input, "/agreementVariables", values.clone())).await.id;
    assert_eq!(document_data(&app, id).await["variables"], values);
    app.run_jobs().await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let records = query::of_flows(&app, &[id]).await.unwrap();
    let records: Vec<_> = records.iter().map(|it| (it.document_name.as_str(), it.sealed_digest.is_some())).collect();
    assert_eq!(records, [("主合同", true), ("附件", true)]);
}

#[tokio::test]
async fn a_flow_keeps_the_version_it_started_with() {
    let app = TestApp::new().await;
    made(&app, "KEPT").await;
    published(&app, document("KEPT", "授权书", 1, &text("第一版"))).await;
    let start = |flow_no: &str| with(individual(flow_no), "/agreementType", json!("KEPT"));
    let old = app.start(start("kept-1")).await.id;
    let documents = published(&app, document("KEPT", "授权书", 1, &text("第二版"))).await;
    assert_eq!(documents[0]["version"], 2);
    let versions: Vec<_> = documents[0]["versions"].as_array().unwrap().iter().map(|it| &it["version"]).collect();
    assert_eq!(versions, [2, 1]);
    assert!(documents[0]["versions"][1]["source"].as_str().unwrap().contains("第一版"));
    let new = app.start(start("kept-2")).await.id;
    app.run_jobs().await;
    for (id, version, source) in [(old, 1, text("第一版")), (new, 2, text("第二版"))] {
        let record = query::of_flows(&app, &[id]).await.unwrap().remove(0);
        assert_eq!(record.template_version, version);
        // The fake's file names the source it was laid out from.
        let pdf = String::from_utf8(seal::document::base_pdf(&app, &record).await.unwrap()).unwrap();
        assert!(pdf.contains(&esign_domain::vault::sha256_hex(source.as_bytes())), "version {version}");
    }
}

#[tokio::test]
async fn a_published_version_is_for_ever() {
    let app = TestApp::new().await;
    for change in ["update agreement_template set source = 'other'", "delete from agreement_template"] {
        let refused = app.db.write().execute_unprepared(change).await.unwrap_err();
        assert!(refused.to_string().contains("a published agreement text is immutable"), "{refused}");
    }
}

#[tokio::test]
async fn codes_and_versions_are_guarded() {
    let app = TestApp::new().await;
    let kind = made(&app, "GUARDED").await;
    let again = app.graphql(SAVE, json!({"input": self::kind("GUARDED")})).await;
    assert_eq!(code(&again), Some("ALREADY_EXISTS"));
    assert_eq!(again["errors"][0]["extensions"]["conflictsWith"], kind["id"]);
    let absent = app.graphql(SAVE, json!({"version": 1, "input": self::kind("ABSENT")})).await;
    assert_eq!(code(&absent), Some("NOT_FOUND"));
    let renamed = with(self::kind("GUARDED"), "/name", json!("新名字"));
    let changed = app.data(SAVE, json!({"version": 1, "input": renamed})).await;
    let changed = &changed["saveAgreementType"]["agreementType"];
    assert_eq!((&changed["name"], &changed["version"], &changed["id"]), (&json!("新名字"), &json!(2), &kind["id"]));
    let late = app.graphql(SAVE, json!({"version": 1, "input": renamed})).await;
    assert_eq!((code(&late), &late["errors"][0]["extensions"]["version"]), (Some("STATE_CONFLICT"), &json!(2)));
    let bad =
        json!({"code": "no", "name": "", "scenes": [], "subjectTypes": ["CORPORATE", "CORPORATE"], "enabled": true});
    let paths: Vec<_> = problems(&app.graphql(SAVE, json!({"input": bad})).await).into_iter().map(|it| it.0).collect();
    assert_eq!(paths, ["code", "name", "scenes", "subjectTypes"]);
    let found = app.data("{ agreementType(code: \"GUARDED\") { name } none: agreementType(code: \"x\") { id } agreementTypes { code } }", json!({})).await;
    assert_eq!((&found["agreementType"]["name"], &found["none"]), (&json!("新名字"), &Value::Null));
    let codes: Vec<_> =
        found["agreementTypes"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["GUARDED", "PAYMENT_AGENCY_AGREEMENT", "PAYMENT_AGENCY_MANDATE", "SETTLEMENT_MANDATE"]);
}

#[tokio::test]
async fn two_documents_of_a_type_never_share_a_place() {
    let app = TestApp::new().await;
    made(&app, "PLACES").await;
    let first = published(&app, document("PLACES", "甲", 1, &text("甲"))).await;
    let taken = app.graphql(PUBLISH, json!({"input": document("PLACES", "乙", 1, &text("乙"))})).await;
    assert_eq!(code(&taken), Some("ALREADY_EXISTS"));
    assert_eq!(taken["errors"][0]["extensions"]["conflictsWith"], first[0]["id"]);
    published(&app, document("PLACES", "乙", 2, &text("乙"))).await;
    let moved = published(&app, document("PLACES", "甲", 3, &text("甲"))).await;
    let order: Vec<_> = moved.as_array().unwrap().iter().map(|it| it["documentName"].as_str().unwrap()).collect();
    assert_eq!(order, ["乙", "甲"]);
    published(&app, document("PLACES", "丙", 1, &text("丙"))).await;
    let missing = app.graphql(PUBLISH, json!({"input": document("NONE", "甲", 1, &text("甲"))})).await;
    assert_eq!(code(&missing), Some("NOT_FOUND"));
    let answer = app.graphql(PUBLISH, json!({"input": document("PLACES", "a/b", 100, " ")})).await;
    let paths: Vec<_> = problems(&answer).into_iter().map(|it| it.0).collect();
    assert_eq!(paths, ["documentName", "position", "source"]);
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_and_no_source_is() {
    let app = TestApp::new().await;
    // Entries are in order from one moment to the next; this clock stands still until it is moved.
    let later = || app.advance(TimeDelta::seconds(1));
    let kind = made(&app, "AUDITED").await;
    later();
    app.data(SAVE, json!({"version": 1, "input": with(self::kind("AUDITED"), "/enabled", json!(false))})).await;
    later();
    published(&app, document("AUDITED", "授权书", 1, &text("第一版"))).await;
    later();
    let documents = published(&app, document("AUDITED", "授权书", 4, &text("#d.variables.rate"))).await;
    app.graphql(SAVE, json!({"input": self::kind("AUDITED")})).await;
    app.graphql(PUBLISH, json!({"input": document("AUDITED", "授权书", 1, "")})).await;
    let entries = audited(&app).await;
    let acts: Vec<_> = entries.iter().map(|it| (it.action.as_str(), it.actor.as_str(), it.before.is_some())).collect();
    let (save, publish) = ("saveAgreementType", "publishAgreementTemplate");
    let expected = [(save, false), (save, true), (publish, false), (publish, true)];
    assert_eq!(acts, expected.map(|(action, changed)| (action, "client:demo", changed)), "what was refused is no act");
    assert_eq!(entries[0].target, kind["id"].as_str().unwrap());
    assert_eq!(entries[1].after.as_ref().unwrap()["enabled"], false);
    assert_eq!(entries[1].before.as_ref().unwrap()["enabled"], true);
    assert_eq!(entries[3].target, documents[0]["id"].as_str().unwrap());
    let (before, after) = (entries[3].before.as_ref().unwrap(), entries[3].after.as_ref().unwrap());
    assert_eq!((&before["version"], &before["position"]), (&json!(1), &json!(1)));
    let digest = esign_domain::vault::sha256_hex(text("#d.variables.rate").as_bytes());
    let told = json!({"agreementType": "AUDITED", "documentName": "授权书", "position": 4, "version": 2,
        "sourceDigest": digest, "variables": ["rate"]});
    assert_eq!(after, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_publishes_at_once_gets_a_version_each_and_one_of_many_makes_the_type() {
    let app = Arc::new(TestApp::new().await);
    let token = app.token(&app.demo, None);
    let saves = join_all((0..8).map(|_| app.graphql_as(&token, SAVE, json!({"input": kind("CROWDED")})))).await;
    assert_eq!(saves.iter().filter(|answer| answer["errors"].is_null()).count(), 1);
    assert!(saves.iter().all(|answer| [None, Some("ALREADY_EXISTS")].contains(&code(answer))));
    let publishes = (0..8).map(|number| {
        let input = document("CROWDED", "授权书", 1, &text(&format!("第 {number} 人")));
        app.graphql_as(&token, PUBLISH, json!({"input": input}))
    });
    // Whoever changes the type meanwhile loses nothing by it, and one of them wins.
    let renames = (0..4).map(|number| {
        let input = with(kind("CROWDED"), "/name", json!(format!("第 {number} 人")));
        app.graphql_as(&token, SAVE, json!({"version": 1, "input": input}))
    });
    let (publishes, renames) = tokio::join!(join_all(publishes), join_all(renames));
    assert!(publishes.iter().all(|answer| answer["errors"].is_null()), "{publishes:?}");
    assert_eq!(renames.iter().filter(|answer| answer["errors"].is_null()).count(), 1, "{renames:?}");
    let query = "{ agreementType(code: \"CROWDED\") { version templates { versions { version } } } }";
    let found = app.data(query, json!({})).await["agreementType"].take();
    let versions: Vec<_> =
        found["templates"][0]["versions"].as_array().unwrap().iter().map(|it| &it["version"]).collect();
    assert_eq!(versions, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(found["version"], 2, "texts don't count as changes of the type");
}

/// Documents of one type that want the same place at once: one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn of_documents_that_want_one_place_at_once_one_gets_it() {
    let app = TestApp::new().await;
    made(&app, "CONTESTED").await;
    let token = app.token(&app.demo, None);
    let all = (0..6).map(|number| {
        let input = document("CONTESTED", &format!("文件 {number}"), 1, &text("同一位置"));
        app.graphql_as(&token, PUBLISH, json!({"input": input}))
    });
    let answers = join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer["errors"].is_null()).count(), 1);
    assert!(answers.iter().all(|answer| [None, Some("ALREADY_EXISTS")].contains(&code(answer))), "{answers:?}");
}

#[tokio::test]
async fn a_full_line_and_a_broken_worker_are_not_the_texts_fault() {
    let app = TestApp::new().await;
    made(&app, "BUSY").await;
    let input = json!({"input": document("BUSY", "授权书", 1, &text("忙"))});
    for query in [PUBLISH, PREVIEW] {
        app.sealer.trying.next([Some(LayoutError::Busy), Some(LayoutError::Worker("gone".into())), None]);
        let busy = app.graphql(query, input.clone()).await;
        assert_eq!(code(&busy), Some("RATE_LIMITED"));
        assert_eq!(busy["errors"][0]["extensions"]["retryAfterSeconds"], 5);
        assert_eq!(code(&app.graphql(query, input.clone()).await), Some("INTERNAL"));
        assert_eq!(code(&app.graphql(query, input.clone()).await), None);
    }
    app.sealer.trying.next([Some(LayoutError::TooSlow), Some(LayoutError::OutOfMemory)]);
    let preview = app.data(PREVIEW, input.clone()).await["previewAgreement"].take();
    let told = json!([{"line": null, "column": null, "message": "laying it out takes too long"}]);
    assert_eq!(preview, json!({"pageCount": 0, "pages": [], "pdf": null, "variables": [], "errors": told}));
    let refused = problems(&app.graphql(PUBLISH, input).await);
    assert_eq!(refused, [("source".to_owned(), "laying it out takes too much memory".to_owned())]);
}

#[tokio::test]
async fn a_real_text_with_variables_is_previewed_published_and_told_where_it_is_wrong() {
    let app = TestApp::with_real_sealing().await;
    made(&app, "REAL").await;
    let shipped = esign_sealing::shipped()[2].source;
    let source = format!("{shipped}\n\n费率为 #d.variables.rate，自 #d.variables.at(\"from\") 起。");
    let input = document("REAL", "授权书", 1, &source);

    let preview = app.data(PREVIEW, json!({"input": input})).await["previewAgreement"].take();
    assert_eq!((&preview["variables"], &preview["errors"]), (&json!(["from", "rate"]), &json!([])));
    let pages = preview["pages"].as_array().unwrap();
    assert_eq!((pages.len(), &preview["pageCount"]), (2, &json!(2)));
    assert!(
        pages.iter().all(|page| page.as_str().unwrap().starts_with("<svg") && page.as_str().unwrap().len() < 3 << 20)
    );
    let pdf = STANDARD.decode(preview["pdf"].as_str().unwrap()).unwrap();
    let holds = |what: &[u8]| pdf.windows(what.len()).any(|window| window == what);
    assert!(pdf.starts_with(b"%PDF-1.7") && holds(b"<pdfaid:part>2</pdfaid:part>") && !holds(b"/ByteRange"));
    let one = app.data(PREVIEW, json!({"input": input, "type": "INDIVIDUAL", "from": 2, "first": 1})).await;
    assert_eq!(one["previewAgreement"]["pages"].as_array().unwrap().len(), 1);
    assert_ne!(one["previewAgreement"]["pages"][0], pages[1], "another subject's sample");
    // A type that doesn't exist yet is tried with everybody.
    let draft = app.data(PREVIEW, json!({"input": document("DRAFT", "", 0, &source)})).await;
    assert_eq!(draft["previewAgreement"]["errors"], json!([]));

    assert_eq!(published(&app, input).await[0]["variables"], json!(["from", "rate"]));
    let start = with(individual("real-1"), "/agreementType", json!("REAL"));
    let id =
        app.start(with(start, "/agreementVariables", json!({"rate": "#panic() 千分之六", "from": "明日"}))).await.id;
    app.run_jobs().await;
    let record = query::of_flows(&app, &[id]).await.unwrap().remove(0);
    let laid_out = seal::document::prepare(&app, &record).await.unwrap();
    let words: String = laid_out.pages.iter().map(|page| page.text.as_str()).collect();
    assert!(words.contains("费率为 #panic() 千分之六，自 明日 起。"), "{words}");
}

#[tokio::test]
async fn what_is_wrong_with_a_text_is_told_with_line_and_column() {
    let app = TestApp::with_real_sealing().await;
    made(&app, "WRONG").await;
    let box_missing = "needs exactly one box labelled <sign_signatory>; there are 0";
    for (source, line, column, words) in [
        (text("#let x ="), Some(2), Some(9), "expected expression"),
        (text("\n  #unknown"), Some(3), Some(4), "unknown variable"),
        (text("#read(\"/etc/passwd\")"), Some(2), Some(7), "a text can read /data.json and nothing else"),
        (text("#import \"@preview/cetz:0.3.0\""), Some(2), Some(9), "a text can use no packages"),
        (text("#d.variables.at(d.flowNo)"), Some(2), Some(2), "computed"),
        (text("名 \u{e000}"), Some(2), Some(3), "U+E000"),
        (text("\u{202e}"), Some(2), Some(1), "U+202E"),
        (text("#set text(font: \"Nowhere Sans\")\nx"), Some(2), Some(17), "unknown font family"),
        (text("#d.subject.bankName.len()"), Some(2), Some(2), "nothing optional"),
        ("只有文字".into(), None, None, box_missing),
        (text("#pagebreak()\n#box(width: 76mm, height: 30mm) <sign_signatory>"), None, None, "there are 2"),
        ("#box(width: 1mm, height: 1mm) <sign_signatory>".into(), None, None, "at least"),
        (text("#for i in range(101) { pagebreak() }"), None, None, "more than 100 pages"),
    ] {
        let input = json!({"input": document("WRONG", "授权书", 1, &source)});
        let preview = app.data(PREVIEW, input.clone()).await["previewAgreement"].take();
        let told = preview["errors"].as_array().unwrap().iter();
        let found = told.clone().find(|error| error["message"].as_str().unwrap().contains(words));
        let found = found.unwrap_or_else(|| panic!("{words}: {}", preview["errors"]));
        assert_eq!((&found["line"], &found["column"]), (&json!(line), &json!(column)), "{found}");
        assert_eq!(preview["pdf"], Value::Null);
        let refused = problems(&app.graphql(PUBLISH, input).await);
        assert_eq!(refused.len(), told.len(), "publishing tells what the preview told");
        assert!(refused.iter().all(|(path, _)| path == "source"));
        let place = line.zip(column).map(|(line, column)| format!("line {line}, column {column}: "));
        let expected = format!("{}{}", place.unwrap_or_default(), found["message"].as_str().unwrap());
        assert!(refused.iter().any(|(_, problem)| *problem == expected), "{expected}: {refused:?}");
    }
    let token = app.token(&app.demo, None);
    let input = json!({"input": document("WRONG", "授权书", 1, "只有文字")});
    let chinese = app.ask(&token, "zh", PREVIEW, input).await.json();
    let told = chinese["data"]["previewAgreement"]["errors"].to_string();
    assert!(told.contains("须有且只有一个标签为 <sign_signatory> 的方框"), "{told}");
    let nobody = app.data("{ agreementType(code: \"WRONG\") { templates { id } } }", json!({})).await;
    assert_eq!(nobody["agreementType"]["templates"], json!([]), "nothing of it was published");
}

#[tokio::test]
async fn a_type_is_opened_only_to_those_whom_its_texts_can_bear() {
    let app = TestApp::with_real_sealing().await;
    let narrow = with(kind("NARROW"), "/subjectTypes", json!(["INDIVIDUAL"]));
    app.data(SAVE, json!({"input": narrow})).await;
    let without_seal = "个人授权书\n#box(width: 76mm, height: 30mm) <sign_signatory>";
    published(&app, document("NARROW", "授权书", 1, without_seal)).await;
    let wide = app.graphql(SAVE, json!({"version": 1, "input": kind("NARROW")})).await;
    let [(path, problem)] = &problems(&wide)[..] else { panic!("{wide}") };
    assert_eq!(path, "subjectTypes");
    assert!(
        problem.starts_with("document 授权书 can't be laid out: needs exactly one box labelled <seal_company>"),
        "{problem}"
    );
    published(&app, document("NARROW", "授权书", 1, &text("授权书"))).await;
    let wide = app.data(SAVE, json!({"version": 1, "input": kind("NARROW")})).await;
    assert_eq!(wide["saveAgreementType"]["agreementType"]["version"], 2);
}
