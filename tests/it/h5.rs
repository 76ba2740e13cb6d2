//! The signer's pages: forms posted as a phone posts them.

use chrono::TimeDelta;
use esign_domain::ids::FlowId;
use esign_tests::{
    TestApp,
    door::Answer,
    fixture::{corporate, individual, with},
};
use http::{Request, header};
use serde_json::json;

/// A phone with a link open.
struct Phone<'a> {
    app: &'a TestApp,
    base: String,
    page: String,
}

impl<'a> Phone<'a> {
    async fn open(app: &'a TestApp, id: FlowId) -> Phone<'a> {
        let mut phone = Self { app, base: format!("/s/{}", app.signer(id).await.code), page: String::new() };
        phone.reload().await;
        phone
    }

    async fn reload(&mut self) {
        let answer = self.app.get(&self.base).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        self.page = answer.text();
    }

    /// The value that follows a mark in the page.
    fn after(&self, mark: &str) -> String {
        let (_, rest) = self.page.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {}", self.page));
        rest.split('"').next().unwrap().to_owned()
    }

    fn step(&self) -> String {
        self.after("data-step=\"")
    }

    fn submission(&self) -> String {
        self.after("name=\"submission\" value=\"")
    }

    /// Posts a form and follows the way it leads; gives the notice that was left.
    async fn post(&mut self, act: &str, form: &[(&str, &str)]) -> Option<String> {
        let answer = self.app.post_form(&format!("{}/{act}", self.base), form).await;
        assert_eq!(answer.status, 303, "{act}: {}", answer.text());
        assert_eq!(answer.headers[header::LOCATION], self.base);
        let notice = notice(&answer);
        self.reload().await;
        notice
    }

    async fn read(&mut self) -> Option<String> {
        self.app.advance(TimeDelta::seconds(3));
        let pages = self.page.matches("<figure").count();
        let report = json!({"documents": [{"number": 1, "submission": self.after("data-submission=\""), "seconds": 3,
            "reachedEnd": true, "pages": pages}]});
        self.post("reading", &[("reading", &report.to_string())]).await
    }

    async fn sign(&mut self, strokes: &str) -> Option<String> {
        let submission = self.submission();
        self.post("signature", &[("submission", &submission), ("consent", "yes"), ("strokes", strokes)]).await
    }

    async fn act(&mut self, act: &str, more: (&str, &str)) -> Option<String> {
        let submission = self.submission();
        self.post(act, &[("submission", &submission), more]).await
    }
}

fn notice(answer: &Answer) -> Option<String> {
    let cookie = answer.headers.get(header::SET_COOKIE)?.to_str().unwrap();
    Some(cookie.strip_prefix("esign_notice=")?.split(';').next().unwrap().to_owned())
}

const NAME: &str = "[[[10,10],[40,60],[80,20],[120,70]],[[20,80],[140,85]]]";

#[tokio::test]
async fn a_company_signs_and_pays_on_the_pages() {
    let app = TestApp::new().await;
    let id = app.start(corporate("pages")).await.id;
    app.run_jobs().await;
    let mut phone = Phone::open(&app, id).await;
    assert_eq!(phone.step(), "read");
    assert_eq!(phone.read().await, None);
    assert_eq!(phone.step(), "sign");
    let form = [("submission", phone.submission()), ("strokes", NAME.into())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(phone.post("signature", &form).await.as_deref(), Some("notice-consent"));
    assert_eq!(phone.sign("[[[1,1]]]").await.as_deref(), Some("notice-ink"), "a dot is no signature");
    assert_eq!(phone.sign("nonsense").await.as_deref(), Some("notice-ink"));
    assert_eq!(phone.sign(NAME).await, None);
    assert_eq!(phone.step(), "wait");
    app.run_jobs().await;
    phone.reload().await;
    assert_eq!(phone.step(), "auth-payment");
    for (amount, told) in
        [("", "notice-amount"), ("abc", "notice-amount"), ("0.000", "notice-amount"), ("-1", "notice-amount")]
    {
        assert_eq!(phone.act("amount", ("amount", amount)).await.as_deref(), Some(told), "{amount}");
    }
    assert_eq!(phone.act("amount", ("amount", "0.11")).await, None);
    assert_eq!(phone.step(), "wait");
    app.run_jobs().await;
    phone.reload().await;
    assert_eq!(phone.step(), "auth-payment");
    assert!(phone.page.contains("aria-invalid"), "the wrong amount is told");
    assert_eq!(phone.act("amount", ("amount", "¥０.３７")).await, None);
    app.run_jobs().await;
    phone.reload().await;
    assert_eq!(phone.step(), "done");
    assert_eq!(app.state(id).await, "COMPLETED");
    let pdf = app.get(&format!("{}/documents/1.pdf", phone.base)).await;
    let sealed = esign_domain::seal::query::of_flows(&app, &[id]).await.unwrap().swap_remove(0).sealed_digest;
    assert_eq!(Some(esign_domain::vault::sha256_hex(&pdf.body)), sealed);
}

#[tokio::test]
async fn a_person_signs_and_shows_their_face_on_the_pages() {
    let app = TestApp::new().await;
    let input = with(individual("face-pages"), "/returnUrl", json!("https://shop.example/done?order=7"));
    let id = app.start(input).await.id;
    app.run_jobs().await;
    let mut phone = Phone::open(&app, id).await;
    phone.read().await;
    phone.sign(NAME).await;
    assert_eq!(phone.step(), "auth-face");
    assert_eq!(phone.act("face", ("consent", "no")).await.as_deref(), Some("notice-consent"));
    assert!(app.auth.challenges().is_empty());
    assert_eq!(phone.act("face", ("consent", "yes")).await, None);
    app.run_jobs().await;
    let away = app.get(&format!("{}/face", phone.base)).await;
    assert_eq!(
        (away.status.as_u16(), away.headers[header::LOCATION].to_str().unwrap()),
        (303, "https://auth.example/face/ch-1")
    );
    app.auth.process();
    phone.reload().await;
    assert_eq!(phone.step(), "wait", "who comes back is asked about at once");
    app.auth.pass();
    app.live_through(TimeDelta::seconds(5)).await;
    phone.reload().await;
    assert_eq!(phone.step(), "done");
    let back = app.get(&format!("{}/back", phone.base)).await;
    let expected = format!("https://shop.example/done?order=7&flowId={id}&status=COMPLETED");
    assert_eq!(back.headers[header::LOCATION], expected);
}

#[tokio::test]
async fn a_person_declines_on_the_pages() {
    let app = TestApp::new().await;
    let id = app.start(corporate("declines")).await.id;
    app.run_jobs().await;
    let mut phone = Phone::open(&app, id).await;
    let asked = app.get(&format!("{}/refusal", phone.base)).await;
    phone.page = asked.text();
    let submission = phone.submission();
    let mark = "name=\"reason\" value=\"";
    let reason = phone.after(mark);
    let form = [("submission", submission.as_str()), ("reason", &reason), ("details", "再想想")];
    let again = app.post_form(&format!("{}/refusal", phone.base), &form).await;
    assert_eq!(again.status, 200, "it is asked once more");
    assert_eq!(app.state(id).await, "PENDING_SIGN");
    phone.page = again.text();
    let submission = phone.submission();
    let form = [("submission", submission.as_str()), ("reason", &reason), ("details", "再想想"), ("confirmed", "yes")];
    for _ in 0..2 {
        assert_eq!(phone.post("refusal", &form).await, None);
        assert_eq!(phone.step(), "failed");
    }
    assert_eq!(app.state(id).await, "FAILED SIGN_DECLINED");
}

#[tokio::test]
async fn a_form_that_comes_twice_acts_once() {
    let app = TestApp::new().await;
    let id = app.start(corporate("twice")).await.id;
    app.run_jobs().await;
    let mut phone = Phone::open(&app, id).await;
    phone.read().await;
    let submission = phone.submission();
    let form = [("submission", submission.as_str()), ("consent", "yes"), ("strokes", NAME)];
    for _ in 0..3 {
        assert_eq!(phone.post("signature", &form).await, None);
    }
    app.run_jobs().await;
    phone.reload().await;
    let submission = phone.submission();
    for _ in 0..3 {
        assert_eq!(phone.post("amount", &[("submission", submission.as_str()), ("amount", "0.11")]).await, None);
        app.run_jobs().await;
    }
    assert_eq!(app.auth.newest().entries_left, Some(2));
}

#[tokio::test]
async fn unknown_and_expired_links_get_the_same_bytes() {
    let app = TestApp::new().await;
    let id = app.start(with(individual("gone"), "/expiresInSeconds", json!(60))).await.id;
    app.run_jobs().await;
    let code = app.signer(id).await.code;
    app.live_through(TimeDelta::seconds(60)).await;
    assert_eq!(app.state(id).await, "TIMED_OUT SESSION_EXPIRED");
    let mut seen = Vec::new();
    for code in [code.as_str(), "0000000000000000000000", "x"] {
        for (act, form) in [("", None), ("/documents/1.pdf", None), ("/state", None), ("/signature", Some(NAME))] {
            let path = format!("/s/{code}{act}");
            let answer = match form {
                None => app.get(&path).await,
                Some(strokes) => {
                    app.post_form(
                        &path,
                        &[("submission", "sub_00000000-0000-7000-8000-000000000000"), ("strokes", strokes)],
                    )
                    .await
                }
            };
            assert_eq!(answer.status, 404, "{path}");
            seen.push(answer.text());
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].contains(&code));
}

#[tokio::test]
async fn guessing_links_is_slowed_down_per_address() {
    let app = TestApp::with(|settings| settings.limits.link_misses_per_minute = 5).await;
    let id = app.start(individual("found")).await.id;
    app.run_jobs().await;
    let link = format!("/s/{}", app.signer(id).await.code);
    let mut statuses = Vec::new();
    for n in 0..8 {
        statuses.push(app.get(&format!("/s/guess{n}")).await.status.as_u16());
    }
    assert_eq!(statuses, [404, 404, 404, 404, 404, 429, 429, 429]);
    assert_eq!(app.get(&link).await.status, 200, "only misses are turned away");
    app.advance(TimeDelta::minutes(2));
    assert_eq!(app.get("/s/guess9").await.status, 404);
}

#[tokio::test]
async fn a_page_names_nobody_where_others_could_read_it() {
    let app = TestApp::new().await;
    let id = app.start(individual("private")).await.id;
    app.run_jobs().await;
    let phone = Phone::open(&app, id).await;
    let answer = app.call(Request::get(&phone.base).body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let title = phone.after("<title>");
    assert!(!title.contains("李晓明") && !title.contains("private"), "{title}");
    for private in ["11010519491231002X", individual("private")["subject"]["mobile"].as_str().unwrap()] {
        assert!(!phone.page.contains(private));
    }
}
