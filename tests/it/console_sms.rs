//! SMS templates in the console, through the real door as each role.

use std::fmt::Write as _;

use esign_domain::{
    Caller, audit,
    caller::Role,
    sms::{self, entity::sms_template, template::TemplateInput},
    terms::TemplateStatus,
};
use esign_tests::{
    TestApp,
    console::{Desk, location},
    gateway::{Mishap, NAME, unknown_number},
};
use sea_orm::EntityTrait;

const LIST: &str = "/admin/sms-templates";
const BODY: &str = "请在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 签字。";
const EVIL: &str = "<script>alert(1)</script>";

/// What is typed into the editor.
fn typed<'a>(name: &'a str, scene: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("scene", scene),
        ("subjectType", ""),
        ("agreementType", ""),
        ("body", body),
        ("signName", ""),
        ("gateway", NAME),
        ("code", ""),
        ("review", "PENDING"),
        ("note", ""),
    ]
}

fn with<'a>(mut form: Vec<(&'a str, &'a str)>, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    form.extend_from_slice(more);
    form
}

/// Makes a draft; gives its address.
async fn draft(desk: &Desk<'_>, name: &str, scene: &str, body: &str) -> String {
    let answer = desk.post(LIST, &typed(name, scene, body)).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    location(&answer).to_owned()
}

async fn set(desk: &Desk<'_>, at: &str, version: &str, to: &str) -> esign_tests::door::Answer {
    desk.post(&format!("{at}/status"), &[("to", to), ("version", version)]).await
}

async fn kept(app: &TestApp, at: &str) -> sms_template::Model {
    let id = at.rsplit('/').next().unwrap().parse().unwrap();
    sms::template::query::by_id(app, &Caller::System, id).await.unwrap().unwrap()
}

async fn refused(app: &TestApp) -> Vec<String> {
    let filter = audit::AuditFilter { action: Some(audit::REFUSED.into()), ..audit::AuditFilter::default() };
    let (entries, _) = audit::list(app, &Caller::System, filter, None, 100).await.unwrap();
    entries.into_iter().rev().map(|entry| format!("{} {}", entry.actor, entry.target)).collect()
}

/// What the page's text says, tags left out.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let _ = write!(text, "{}", part.split_once('>').map_or(part, |(_, after)| after));
    }
    text
}

#[tokio::test]
async fn a_template_goes_from_its_first_word_into_use_and_out_of_it() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    assert!(desk.page(&format!("{LIST}/new")).await.contains(r#"name="body""#));
    let at = draft(&desk, "归集邀请", "COLLECTION", "{{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 。").await;
    let page = desk.page(&at).await;
    assert!(page.contains("草稿 v1") && page.contains("归集") && !page.contains("停用"), "{page}");

    let form = with(typed("归集邀请", "COLLECTION", BODY), &[("version", "1")]);
    assert_eq!(location(&desk.post(&at, &form).await), at);
    assert_eq!((kept(&app, &at).await.body.as_str(), kept(&app, &at).await.version), (BODY, 2));

    let ask = desk.page(&format!("{at}/status?to=ENABLED")).await;
    assert!(
        ask.contains("启用「归集邀请」？") && ask.contains("改变") && ask.contains("PAYMENT_AGENCY_MANDATE"),
        "{ask}"
    );
    assert_eq!(location(&set(&desk, &at, "2", "ENABLED").await), at);
    assert_eq!(kept(&app, &at).await.status, TemplateStatus::Enabled);
    let page = desk.page(&at).await;
    assert!(page.contains("已启用 v3") && page.contains("一个条件") && page.contains("PAYMENT_AGENCY_MANDATE"));

    let ask = desk.page(&format!("{at}/status?to=DISABLED")).await;
    assert!(ask.contains("停用「归集邀请」？") && ask.contains("btn-danger"));
    assert_eq!(location(&set(&desk, &at, "3", "DISABLED").await), at);
    assert_eq!(kept(&app, &at).await.status, TemplateStatus::Disabled);
    assert_eq!(desk.get(&format!("{at}/status?to=DRAFT")).await.status, 404);
    assert_eq!(desk.get(&format!("{LIST}/smstpl_none")).await.status, 404);
}

#[tokio::test]
async fn the_list_is_filtered_by_its_address() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Auditor).await;
    let operator = app.desk(Role::Operator).await;
    draft(&operator, "甲模板", "COLLECTION", BODY).await;
    draft(&operator, "乙模板", "BATCH_PAYMENT", BODY).await;
    let shows = async |query: &str| {
        let page = desk.page(&format!("{LIST}?{query}")).await;
        (page.contains(">甲模板<"), page.contains(">乙模板<"))
    };
    assert_eq!(shows("").await, (true, true));
    assert_eq!(shows("scene=COLLECTION").await, (true, false));
    assert_eq!(shows("scene=any").await, (false, false));
    assert_eq!(shows("status=ENABLED").await, (false, false));
    assert_eq!(shows("status=DRAFT&q=%E4%B9%99").await, (false, true));
    let none = desk.page(&format!("{LIST}?q=nothing-of-this-name")).await;
    assert!(none.contains("没有符合条件的模板") && none.contains("清除筛选"));
}

#[tokio::test]
async fn what_is_written_is_shown_counted_and_judged_before_it_is_saved() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let body = format!("{{{{ subjectNam }}}}您好，{EVIL}{BODY}");
    let answer = desk.post(&format!("{LIST}/preview"), &typed("试", "", &body)).await;
    assert_eq!(answer.status, 200);
    let page = answer.text();
    assert!(page.contains(r#"<span class="v bad">{{ subjectNam }}</span>"#), "marked where it is written");
    let bubble = page.split_once(r#"id="sms-bubble""#).unwrap().1.split_once("</div>").unwrap().0;
    assert!(bubble.contains(r#"<span class="v bad">{{ subjectNam }}</span>"#), "and on the phone: {bubble}");
    assert!(bubble.contains("&lt;script&gt;") && !page.contains(EVIL), "what is typed is never markup");
    assert!(bubble.contains(r#"class="bubble usual""#) && bubble.contains(r#"class="bubble longest""#));
    assert!(plain(&page).contains("没有叫 subjectNam 的变量，是不是 subjectName？"), "{}", plain(&page));
    assert!(!page.contains("没有问题"), "no gateway takes what is no variable");
    assert!(page.contains("条计费") && page.contains(r#"value="试""#), "what was typed stays");
    let part = desk.part(&format!("{LIST}/new")).await.text();
    assert!(part.contains(r#"id="sms-bubble""#) && part.contains("hx-select-oob=\"#sms-count,#sms-lint\""));
    assert!(sms_template::Entity::find().all(app.db.read()).await.unwrap().iter().all(|it| it.name != "试"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let mut form = typed("", "COLLECTION", "写到一半");
    form[5] = ("signName", "云");
    form[7] = ("code", "");
    form[9] = ("note", "提交了");
    let answer = desk.post(LIST, &form).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(
        page.contains("写到一半</textarea>") && page.contains(r#"value="云""#) && page.contains(r#"value="提交了""#)
    );
    assert_eq!(page.matches(r#"class="problem""#).count(), 3, "name, sign name, the code that the note lacks: {page}");
    assert!(page.contains(r#"value="COLLECTION" selected"#));
}

#[tokio::test]
async fn of_two_who_edit_one_template_the_second_loses_nothing_and_sees_what_it_is_now() {
    let app = TestApp::new().await;
    let (one, two) = (app.desk(Role::Operator).await, app.desk(Role::Admin).await);
    let at = draft(&one, "邀请", "COLLECTION", BODY).await;
    let theirs = BODY.replace("签字", "签署协议");
    let ours = BODY.replace("请在", "务必在");
    let form = with(typed("邀请", "COLLECTION", &theirs), &[("version", "1")]);
    assert_eq!(one.post(&at, &form).await.status, 303);
    let form = with(typed("急邀请", "COLLECTION", &ours), &[("version", "1")]);
    let answer = two.post(&at, &form).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(page.contains("别人已存为 v2") && page.contains("operator"), "{page}");
    assert!(page.contains(&format!("{ours}</textarea>")) && page.contains(r#"value="急邀请""#), "what was typed stays");
    assert!(page.contains("<ins>务必</ins>") && page.contains("<del>请</del>"), "{page}");
    assert!(page.contains(r#"name="version" value="2""#), "saving again comes after theirs");
    assert_eq!(kept(&app, &at).await.body, theirs);
    let form = with(typed("急邀请", "COLLECTION", &ours), &[("version", "2")]);
    assert_eq!(two.post(&at, &form).await.status, 303);
    assert_eq!((kept(&app, &at).await.body, kept(&app, &at).await.version), (ours, 3));
    // Looking at it in between doesn't take the version on.
    let form = with(typed("急邀请", "COLLECTION", BODY), &[("version", "1")]);
    assert!(two.post(&format!("{at}/preview"), &form).await.text().contains(r#"name="version" value="1""#));
}

#[tokio::test]
async fn what_carriers_would_refuse_is_told_and_not_enabled() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let at = draft(&desk, "没有链接", "COLLECTION", "请尽快签署，找 {{ nobody }}").await;
    let answer = set(&desk, &at, "1", "ENABLED").await;
    assert_eq!(answer.status, 422);
    let told = plain(&answer.text());
    assert!(told.contains("没有这个变量：nobody") && told.contains("没有链接：请写"), "{told}");
    assert_eq!(kept(&app, &at).await.status, TemplateStatus::Draft);
    let late = set(&desk, &at, "7", "ENABLED").await;
    assert!(late.status == 422 && late.text().contains("已被别人修改"), "{}", late.text());
}

#[tokio::test]
async fn whoever_comes_second_for_a_selector_finds_the_way_to_the_first() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let first = draft(&desk, "先来的", "COLLECTION", BODY).await;
    let second = draft(&desk, "后到的", "COLLECTION", BODY).await;
    assert_eq!(set(&desk, &first, "1", "ENABLED").await.status, 303);
    let link = format!(r#"<a href="{first}">先来的</a>"#);
    assert!(desk.page(&format!("{second}/status?to=ENABLED")).await.contains(&link));
    let answer = set(&desk, &second, "1", "ENABLED").await;
    assert!(answer.status == 422 && answer.text().contains(&link), "{}", answer.text());
}

#[tokio::test]
async fn versions_are_compared_character_by_character() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let at = draft(&desk, "邀请", "COLLECTION", "请签<b>旧</b>字").await;
    let form = with(typed("邀请", "COLLECTION", "请签<b>新</b>字"), &[("version", "1")]);
    assert_eq!(desk.post(&at, &form).await.status, 303);
    assert!(desk.page(&at).await.contains(&format!("{at}/comparison?from=1&amp;to=2")));
    let auditor = app.desk(Role::Auditor).await;
    let page = auditor.page(&format!("{at}/comparison?from=1&to=2")).await;
    assert!(page.contains("请签&lt;b&gt;<del>旧</del><ins>新</ins>&lt;"), "{page}");
    assert!(auditor.page(&format!("{at}/comparison?from=2&to=2")).await.contains("正文没有不同"));
    assert_eq!(auditor.get(&format!("{at}/comparison?from=1&to=9")).await.status, 404);
}

#[tokio::test]
async fn a_test_goes_to_a_real_phone_within_its_limits() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let at = draft(&desk, "邀请", "COLLECTION", BODY).await;
    let ask = desk.page(&format!("{at}/test")).await;
    assert!(ask.contains("真的发到这个手机上") && ask.contains("0000000000000000000000"), "{ask}");
    let try_on = async |mobile: &str| desk.post(&format!("{at}/test"), &[("mobile", mobile)]).await;
    let wrong = try_on("1380013").await;
    assert!(wrong.status == 422 && wrong.text().contains(r#"value="1380013""#));
    let sent = try_on("13800138000").await;
    assert_eq!((sent.status.as_u16(), location(&sent)), (303, at.as_str()));
    assert_eq!(app.gateway.taken().pop().unwrap().mobile.expose(), "+8613800138000");
    let again = try_on("13800138000").await;
    assert!(again.status == 422 && plain(&again.text()).contains("秒后可以再试"), "{}", again.text());
    app.gateway.script.always(Some(Mishap::Refused(unknown_number())));
    let failed = try_on("13800138001").await;
    assert_eq!(failed.status, 422, "{}", failed.text());
    assert_eq!(app.gateway.taken().len(), 1);
}

#[tokio::test]
async fn an_auditor_sees_all_of_it_and_changes_nothing() {
    let app = TestApp::new().await;
    let operator = app.desk(Role::Operator).await;
    let at = draft(&operator, "邀请", "COLLECTION", BODY).await;
    let desk = app.desk(Role::Auditor).await;
    assert!(!desk.page(LIST).await.contains("/sms-templates/new"));
    let page = desk.page(&at).await;
    for way in ["/edit", "/test", "/status"] {
        assert!(!page.contains(&format!("{at}{way}")), "{way}");
        assert_eq!(desk.get(&format!("{at}{way}?to=ENABLED")).await.status, 403, "{way}");
    }
    let form = with(typed("改名", "COLLECTION", BODY), &[("version", "1")]);
    for (path, form) in [
        (LIST.to_owned(), typed("强行", "", BODY)),
        (at.clone(), form),
        (format!("{at}/status"), vec![("to", "ENABLED"), ("version", "1")]),
        (format!("{at}/test"), vec![("mobile", "13800138000")]),
    ] {
        assert_eq!(desk.post(&path, &form).await.status, 403, "{path}");
    }
    let ways = ["/edit", "/test", "/status"].map(|way| format!("staff:auditor GET {at}{way}"));
    let acts = ["", "/status", "/test"].map(|act| format!("staff:auditor POST {at}{act}"));
    let expected: Vec<_> = ways.into_iter().chain([format!("staff:auditor POST {LIST}")]).chain(acts).collect();
    assert_eq!(refused(&app).await, expected);
    let now = kept(&app, &at).await;
    assert_eq!((now.name.as_str(), now.version, app.gateway.taken().len()), ("邀请", 1, 0));
}

#[tokio::test]
async fn names_and_texts_are_never_markup() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    let at = draft(&desk, EVIL, "COLLECTION", &format!("{EVIL}{{{{ {EVIL} }}}}")).await;
    let other = draft(&desk, "后到的", "COLLECTION", BODY).await;
    let pages = [
        LIST.to_owned(),
        at.clone(),
        format!("{at}/edit"),
        format!("{at}/test"),
        format!("{at}/status?to=ENABLED"),
        format!("{at}/comparison?from=1&to=1"),
        other,
    ];
    for path in pages {
        let page = desk.page(&path).await;
        assert!(!page.contains(EVIL), "{path}");
    }
    assert!(desk.page(&at).await.contains("&lt;script&gt;"));
    let content: TemplateInput = kept(&app, &at).await.content().unwrap();
    assert_eq!(content.name, EVIL, "kept as it was typed");
}
