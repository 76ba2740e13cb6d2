//! Agreements in the console, through the real door as each role.

use esign_domain::{
    Caller,
    agreement::{entity::agreement_template, query},
    audit,
    caller::Role,
};
use esign_sealing::LayoutError;
use esign_tests::{
    TestApp,
    console::{Desk, location},
    fixture::{corporate, with},
};
use sea_orm::EntityTrait;
use serde_json::json;

const LIST: &str = "/admin/agreements";
const AT: &str = "/admin/agreements/STORE";
const EVIL: &str = "<script>alert(1)</script>";

fn text(says: &str) -> String {
    format!(
        "#let d = json(\"/data.json\")\n{says}\n#box(width: 76mm, height: 30mm) <sign_signatory>\n\
             #if d.subject.type == \"CORPORATE\" [#box(width: 42mm, height: 42mm) <seal_company>]"
    )
}

/// What is typed about a type.
fn kind(name: &str) -> Vec<(&str, &str)> {
    vec![("code", "STORE"), ("name", name), ("scene", "COLLECTION"), ("subjectType", "CORPORATE")]
}

/// What is typed about a text.
fn typed<'a>(document: &'a str, position: &'a str, base: &'a str, source: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("document", document), ("position", position), ("base", base), ("subjectType", ""), ("source", source)]
}

async fn made(desk: &Desk<'_>) {
    let answer = desk.post(LIST, &kind("门店合作协议")).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, AT), "{}", answer.text());
}

async fn publish(desk: &Desk<'_>, form: &[(&str, &str)]) -> esign_tests::door::Answer {
    desk.post(&format!("{AT}/text/publication"), form).await
}

async fn versions(app: &TestApp) -> Vec<agreement_template::Model> {
    let kind = query::by_code(app, &Caller::System, "STORE").await.unwrap().unwrap();
    query::versions(app, &Caller::System, kind.id).await.unwrap()
}

async fn refused(app: &TestApp) -> Vec<String> {
    let filter = audit::AuditFilter { action: Some(audit::REFUSED.into()), ..audit::AuditFilter::default() };
    let (entries, _) = audit::list(app, &Caller::System, filter, None, 100).await.unwrap();
    entries.into_iter().rev().map(|entry| format!("{} {}", entry.actor, entry.target)).collect()
}

#[tokio::test]
async fn a_type_goes_from_its_name_to_a_text_that_flows_use() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let page = desk.page(AT).await;
    assert!(page.contains("还没有文件") && page.contains("对公") && page.contains("归集"), "{page}");
    let editor = desk.page(&format!("{AT}/text")).await;
    assert!(editor.contains("sign_signatory") && editor.contains(r#"name="base" value="0""#), "a text to begin with");

    let source = text("第一版 #d.variables.rate");
    let form = typed("合作协议", "1", "0", &source);
    let ask = desk.post(&format!("{AT}/text/confirmation"), &form).await;
    let ask = (ask.status, ask.text());
    assert!(ask.0 == 200 && ask.1.contains("发布《合作协议》v1？") && ask.1.contains("永远不变"), "{}", ask.1);
    assert!(versions(&app).await.is_empty(), "asking publishes nothing");
    assert_eq!(location(&publish(&desk, &form).await), AT);

    let input = with(corporate("own-1"), "/agreementType", json!("STORE"));
    app.start(with(input, "/agreementVariables", json!({"rate": "千分之六"}))).await;
    app.run_jobs().await;
    let page = desk.page(AT).await;
    assert!(page.contains("1 个流程") && page.contains(r#"<span class="v">rate</span>"#), "{page}");
    assert!(page.contains("operator") && page.contains("/admin/flows?agreement=STORE"));
    app.start(corporate("other-1")).await;
    app.run_jobs().await;
    let theirs = desk.page("/admin/flows?agreement=STORE").await;
    assert!(theirs.contains("own-1") && !theirs.contains("other-1"), "the link leads to the flows of this type alone");
    let id = versions(&app).await[0].id;
    let version = desk.page(&format!("{AT}/versions/{id}")).await;
    assert!(version.contains("第一版 #d.variables.rate") && version.contains("data:image/svg+xml;base64,"));
    assert_eq!(desk.get(&format!("{AT}/versions/none")).await.status, 404);
    assert_eq!(desk.get(&format!("{AT}/text?document=none")).await.status, 404);

    let next = text("第二版 #d.variables.rate");
    assert_eq!(publish(&desk, &typed("合作协议", "1", "1", &next)).await.status, 303);
    let editor = desk.page(&format!("{AT}/text?document=%E5%90%88%E4%BD%9C%E5%8D%8F%E8%AE%AE")).await;
    assert!(editor.contains("第二版") && editor.contains(r#"name="base" value="2""#));
    let compared = desk.page(&format!("{AT}/comparison?document=%E5%90%88%E4%BD%9C%E5%8D%8F%E8%AE%AE")).await;
    assert!(compared.contains("第<del>一</del>版") && compared.contains("第<ins>二</ins>版"), "{compared}");
}

#[tokio::test]
async fn a_type_is_changed_closed_and_opened_again() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    assert!(desk.page(&format!("{AT}/edit")).await.contains(r#"value="CORPORATE" checked"#));
    let form = [("version", "1"), ("name", "门店协议"), ("scene", "COLLECTION"), ("scene", "BATCH_PAYMENT")];
    let wrong = desk.post(AT, &form).await;
    assert!(wrong.status == 422 && wrong.text().contains("至少一项"), "nobody may sign it: {}", wrong.text());
    assert!(wrong.text().contains(r#"value="BATCH_PAYMENT" checked"#), "what was ticked stays");
    let form = [form.as_slice(), &[("subjectType", "INDIVIDUAL")]].concat();
    assert_eq!(location(&desk.post(AT, &form).await), AT);

    let late = desk
        .post(AT, &[("version", "1"), ("name", "另一个名字"), ("scene", "COLLECTION"), ("subjectType", "CORPORATE")])
        .await;
    let page = late.text();
    assert!(late.status == 422 && page.contains("别人已存为第 2 版") && page.contains("门店协议"), "{page}");
    assert!(page.contains(r#"value="另一个名字""#) && page.contains(r#"name="version" value="2""#));

    assert!(desk.page(&format!("{AT}/status?to=off")).await.contains("停用「门店协议」？"));
    let set =
        async |to: &str, version: &str| desk.post(&format!("{AT}/status"), &[("to", to), ("version", version)]).await;
    assert_eq!(location(&set("off", "2").await), AT);
    assert!(desk.page(&format!("{LIST}?state=disabled")).await.contains("门店协议"));
    assert!(!desk.page(&format!("{LIST}?state=enabled")).await.contains("门店协议"));
    assert_eq!(set("on", "2").await.status, 422, "it is version 3 by now");
    assert_eq!(location(&set("on", "3").await), AT);
    assert_eq!(set("away", "4").await.status, 404);
}

#[tokio::test]
async fn a_code_that_is_taken_leads_to_the_type_that_has_it() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let answer = desk.post(LIST, &kind("又一个")).await;
    assert!(answer.status == 422 && answer.text().contains(&format!(r#"href="{AT}">STORE"#)), "{}", answer.text());
    assert!(answer.text().contains(r#"value="又一个""#));
    let answer = desk.post(LIST, &[("code", "small letters"), ("name", "")]).await;
    assert_eq!((answer.status.as_u16(), answer.text().matches(r#"class="problem""#).count()), (422, 4));
}

#[tokio::test]
async fn a_text_is_shown_with_values_of_ones_own_before_it_is_published() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let source = text("#d.variables.rate #d.variables.store");
    let form = [
        typed("协议", "1", "0", &source),
        vec![("variable", "rate"), ("value", "千分之九"), ("variable", "store"), ("value", "")],
    ]
    .concat();
    let page = desk.post(&format!("{AT}/text/preview"), &form).await.text();
    assert_eq!(page.matches("<img src=\"data:image/svg+xml;base64,").count(), 2);
    assert!(page.contains(r#"value="千分之九""#) && page.contains(r#"data-names="rate store ""#), "{page}");
    assert!(page.contains("可以发布") && page.contains(&format!("{}</textarea>", "&lt;seal_company&gt;]")), "{page}");
    let file = desk.post(&format!("{AT}/text/pdf"), &form).await;
    assert_eq!((file.status.as_u16(), &file.headers["content-type"]), (200, &"application/pdf".parse().unwrap()));
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    assert!(file.text().contains("千分之九"), "{}", file.text());
    let long = "九".repeat(2_001);
    let many = [typed("协议", "1", "0", &source), vec![("variable", "rate"), ("value", &long)]].concat();
    assert!(desk.post(&format!("{AT}/text/preview"), &many).await.text().contains("每个最多 2000 个字"));
    assert!(versions(&app).await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_text_is_told_at_its_line_and_not_published() {
    let app = TestApp::with_real_sealing().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let source = text("第一行\n#没有这个函数()").replace('\n', "\r\n");
    let form = typed("协议", "1", "0", &source);
    for act in ["preview", "confirmation", "publication"] {
        let page = desk.post(&format!("{AT}/text/{act}"), &form).await.text();
        assert!(page.contains(r#"data-line="3""#) && page.contains("第 3 行第"), "{act}: {page}");
        assert!(page.contains("没有这个函数()</code>"), "{act} quotes the line");
    }
    assert_eq!(desk.post(&format!("{AT}/text/pdf"), &form).await.status, 422);
    assert!(versions(&app).await.is_empty());
    let good = text("第一行");
    let page = desk.post(&format!("{AT}/text/preview"), &typed("协议", "1", "0", &good)).await.text();
    assert!(page.contains("data:image/svg+xml;base64,") && page.contains("可以发布"), "{page}");
    let answer = publish(&desk, &typed("a/b", "0", "0", &good)).await;
    assert_eq!((answer.status.as_u16(), answer.text().matches(r#"class="problem""#).count()), (422, 2));
}

#[tokio::test]
async fn every_end_of_a_layout_is_told_in_words_and_the_text_stays() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let source = text("写了很久的文本");
    let form = typed("协议", "1", "0", &source);
    for (mishap, words) in
        [(LayoutError::TooSlow, "排版耗时过长"), (LayoutError::OutOfMemory, "内存"), (LayoutError::Busy, "秒后再试")]
    {
        app.sealer.trying.next([Some(mishap)]);
        let page = desk.post(&format!("{AT}/text/preview"), &form).await.text();
        assert!(page.contains(words) && page.contains("写了很久的文本"), "{words}: {page}");
    }
    // Publishing finds no room: the text comes back, not a page of trouble.
    app.sealer.trying.fail(2, LayoutError::Busy);
    let answer = publish(&desk, &form).await;
    assert!(answer.status == 422 && answer.text().contains("写了很久的文本"), "{}", answer.text());
}

#[tokio::test]
async fn of_two_who_write_one_text_the_second_loses_nothing_and_sees_what_differs() {
    let app = TestApp::new().await;
    let (one, two) = (app.desk(Role::Operator).await, app.desk(Role::Admin).await);
    made(&one).await;
    let [first, theirs, ours] = ["共同的开头", "他们的条款", "我们的条款"].map(text);
    assert_eq!(publish(&one, &typed("协议", "1", "0", &first)).await.status, 303);
    assert_eq!(publish(&one, &typed("协议", "1", "1", &theirs)).await.status, 303);
    let form = typed("协议", "1", "1", &ours);
    let answer = publish(&two, &form).await;
    let page = answer.text();
    assert!(answer.status == 422 && page.contains("operator 已发布 v2"), "{page}");
    assert!(
        page.contains("我们的条款") && page.contains("<del>他</del>们的条款") && page.contains("<ins>我</ins>"),
        "{page}"
    );
    assert!(page.contains(r#"name="base" value="2""#) && page.contains("发布 v3"));
    assert_eq!(versions(&app).await.len(), 2);
    let ask = two.post(&format!("{AT}/text/confirmation"), &form).await.text();
    assert!(ask.contains("operator 已发布 v2"), "asked before, it is told too");
    assert_eq!(publish(&two, &typed("协议", "1", "2", &ours)).await.status, 303);
    assert_eq!(versions(&app).await[0].source, ours);
}

#[tokio::test]
async fn a_place_that_is_taken_is_told_with_whose_it_is() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    made(&desk).await;
    let source = text("条款");
    assert_eq!(publish(&desk, &typed("主合同", "1", "0", &source)).await.status, 303);
    let answer = publish(&desk, &typed("附件", "1", "0", &source)).await;
    assert!(answer.status == 422 && answer.text().contains("《主合同》"), "{}", answer.text());
}

#[tokio::test]
async fn an_auditor_sees_all_of_it_and_changes_nothing() {
    let app = TestApp::new().await;
    let operator = app.desk(Role::Operator).await;
    made(&operator).await;
    let source = text("条款");
    let form = typed("协议", "1", "0", &source);
    assert_eq!(publish(&operator, &form).await.status, 303);
    let desk = app.desk(Role::Auditor).await;
    let (list, page) = (desk.page(LIST).await, desk.page(AT).await);
    assert!(!list.contains("/agreements/new"));
    for way in ["/edit", "/status", "/text"] {
        assert!(!page.contains(&format!("{AT}{way}")), "{way}");
        assert_eq!(desk.get(&format!("{AT}{way}?to=off")).await.status, 403, "{way}");
    }
    assert_eq!(desk.get(&format!("{LIST}/new")).await.status, 403);
    assert_eq!(desk.post(LIST, &kind("强行")).await.status, 403);
    assert_eq!(desk.post(AT, &[("version", "1"), ("name", "改名")]).await.status, 403);
    assert_eq!(desk.post(&format!("{AT}/status"), &[("to", "off"), ("version", "1")]).await.status, 403);
    for act in ["confirmation", "publication"] {
        assert_eq!(desk.post(&format!("{AT}/text/{act}"), &form).await.status, 403, "{act}");
    }
    let ways = ["/edit", "/status", "/text"].map(|way| format!("GET {AT}{way}"));
    let acts = [LIST, AT].map(|at| format!("POST {at}"));
    let more = ["/status", "/text/confirmation", "/text/publication"].map(|act| format!("POST {AT}{act}"));
    let all = ways.into_iter().chain([format!("GET {LIST}/new")]).chain(acts).chain(more);
    assert_eq!(refused(&app).await, all.map(|act| format!("staff:auditor {act}")).collect::<Vec<_>>());
    assert_eq!(versions(&app).await.len(), 1);
}

#[tokio::test]
async fn names_and_texts_are_never_markup() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    assert_eq!(desk.post(LIST, &kind(EVIL)).await.status, 303);
    let name = EVIL.replace('/', "");
    let [first, second] = [text(EVIL), text(&format!("{EVIL}甲"))];
    assert_eq!(publish(&desk, &typed(&name, "1", "0", &first)).await.status, 303);
    assert_eq!(publish(&desk, &typed(&name, "1", "1", &second)).await.status, 303);
    let id = versions(&app).await[0].id;
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("document", &name).finish();
    let pages = [
        LIST.to_owned(),
        AT.to_owned(),
        format!("{AT}/edit"),
        format!("{AT}/status?to=off"),
        format!("{AT}/text?{query}"),
        format!("{AT}/versions/{id}"),
        format!("{AT}/comparison?{query}"),
    ];
    for path in pages {
        let page = desk.page(&path).await;
        assert!(!page.contains(EVIL) && !page.contains(&name), "{path}");
        assert!(page.contains("&lt;script&gt;"), "{path}");
    }
    let form = typed(&name, "1", "2", &first);
    for act in ["preview", "confirmation"] {
        let page = desk.post(&format!("{AT}/text/{act}"), &form).await.text();
        assert!(!page.contains(EVIL) && page.contains("&lt;script&gt;"), "{act}");
    }
    assert_eq!(agreement_template::Entity::find_by_id(id).one(app.db.read()).await.unwrap().unwrap().source, second);
}
