//! Errors as the person with the link is told of them: a page of trouble, or a word on the page where the flow stands.

use axum::body::Body;
use esign_domain::ids::FlowId;
use esign_tests::{
    TestApp,
    fixture::{corporate, individual},
    journal::Journal,
    sealer,
};
use http::{Request, header};

use super::errors::{break_evidence, lines, mend_evidence};

#[tokio::test]
async fn a_page_of_trouble_carries_its_code_and_the_id_of_its_log_lines() {
    let journal = Journal::begin();
    let app = TestApp::with(|settings| settings.limits.link_misses_per_minute = 1).await;
    // Before its message has gone out: then the opening of the link is an event.
    let id = app.start(individual("trouble")).await.id;
    let link = format!("/s/{}", app.signer(id).await.code);
    break_evidence(&app).await;
    let internal = app.get(&link).await;
    mend_evidence(&app).await;
    let invalid = app.get("/s/none").await;
    let limited = app.get("/s/none").await;
    let large = app.post_form(&format!("{link}/signature"), &[("strokes", &"x".repeat(1_100_000))]).await;
    let log = journal.text();
    for (answer, status, code) in [
        (&internal, 500, "INTERNAL"),
        (&limited, 429, "RATE_LIMITED"),
        (&large, 413, "INVALID_REQUEST"),
        (&invalid, 404, "H5_SESSION_INVALID"),
    ] {
        assert_eq!((answer.status.as_u16(), answer.text().contains(code)), (status, true), "{code}: {}", answer.text());
        let trace = answer.headers["x-trace-id"].to_str().unwrap();
        // Unknown and expired links are the same to the byte; the id stands in their header alone.
        assert_eq!(answer.text().contains(trace), code != "H5_SESSION_INVALID", "{code}");
        assert!(!lines(&log, trace).is_empty(), "{code}");
    }
    let trace = internal.headers["x-trace-id"].to_str().unwrap();
    let told = lines(&log, trace);
    assert!(told.iter().any(|line| line.contains(&format!("flow={id}")) && line.contains("failed")), "{told:?}");
    app.run_jobs().await;
}

/// The name of a signature, as the pad posts it.
const NAME: &str = "[[[10,10],[40,60],[80,20],[120,70]],[[20,80],[140,85]]]";

/// Posts a form to a flow's page; gives the key of the word that was left for the next page.
async fn word(app: &TestApp, id: FlowId, act: &str, form: &[(&str, &str)]) -> String {
    let (signer, base) = (app.signer(id).await, format!("/s/{}", app.signer(id).await.code));
    let submission = signer.submission().to_string();
    let form = [&[("submission", submission.as_str())], form].concat();
    let answer = app.post_form(&format!("{base}/{act}"), &form).await;
    assert_eq!(answer.status, 303, "{act}: {}", answer.text());
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let key = cookie.strip_prefix("esign_notice=").and_then(|rest| rest.split(';').next()).unwrap().to_owned();
    // It is said in both languages, once, on the page where the flow stands.
    let mut said = Vec::new();
    for language in ["zh-CN", "en"] {
        let request = Request::get(&base)
            .header(header::COOKIE, format!("esign_notice={key}"))
            .header(header::ACCEPT_LANGUAGE, language);
        let page = app.call(request.body(Body::empty()).unwrap()).await.text();
        let (_, rest) =
            page.split_once("class=\"note warn\" role=\"alert\"").unwrap_or_else(|| panic!("{key}: {page}"));
        said.push(rest.split("</p>").next().unwrap().to_owned());
    }
    assert_ne!(said[0], said[1], "{key}");
    key
}

#[tokio::test]
async fn what_an_act_got_wrong_is_said_where_the_flow_stands() {
    let app = TestApp::with(|settings| settings.auth.account_wrong_entries = 1).await;
    let id = app.start(corporate("words")).await.id;
    app.run_jobs().await;
    let name = [("consent", "yes"), ("strokes", NAME)];
    assert_eq!(word(&app, id, "authentication", &[]).await, "notice-moved-on", "STATE_CONFLICT");
    assert_eq!(word(&app, id, "signature", &name).await, "notice-reading", "STATE_CONFLICT, because it was not read");
    assert_eq!(word(&app, id, "signature", &[("strokes", NAME)]).await, "notice-consent");
    assert_eq!(word(&app, id, "refusal", &[("confirmed", "yes")]).await, "notice-reason");
    let elsewhere = format!(
        "{{\"documents\":[{{\"number\":9,\"submission\":\"{}\",\"seconds\":3,\"reachedEnd\":true,\"pages\":1}}]}}",
        app.signer(id).await.submission()
    );
    assert_eq!(word(&app, id, "reading", &[("reading", &elsewhere)]).await, "notice-refused", "NOT_FOUND");
    let signer = app.signer(id).await;
    signer.read().await.unwrap();
    let dot = [("consent", "yes"), ("strokes", "[[[1,1],[2,2],[1,2],[2,1]]]")];
    assert_eq!(word(&app, id, "signature", &dot).await, "notice-ink", "INVALID_ARGUMENT");
    esign_domain::seal::blob::delete(&app, &format!("flows/{id}/1/document.json")).await.unwrap();
    // The page looks at its documents before they are signed.
    app.sealer.laying_out.fail(2, sealer::Mishap::Fails);
    assert_eq!(word(&app, id, "signature", &name).await, "notice-layout", "SIGN_FAILED");
    signer.write_name().await.unwrap();
    app.run_jobs().await;
    for amount in ["0.00", "1.00", "abc"] {
        assert_eq!(word(&app, id, "amount", &[("amount", amount)]).await, "notice-amount", "INVALID_ARGUMENT");
    }
    signer.amount(11).await.unwrap();
    assert_eq!(word(&app, id, "amount", &[("amount", "0.12")]).await, "notice-moved-on", "one is being judged");
    app.run_jobs().await;
    assert_eq!(word(&app, id, "amount", &[("amount", "0.12")]).await, "notice-limited", "RATE_LIMITED");
}
