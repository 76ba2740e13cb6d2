//! Two hundred values that belong to persons, carried through every success and every failure there is. Afterwards they are
//! looked for in the log, in answers to others, in metrics, headers, titles, files and every row of the database.

use axum::body::Body;
use chrono::TimeDelta;
use esign_domain::{auth::port::AuthSystemFailure, flow, ids::FlowId, job, seal, sms::port::SmsFailure};
use esign_sealing::Ink;
use esign_tests::{
    TestApp,
    auth_system::{AMOUNT, Mishap},
    database::TestDatabase,
    door::code,
    fixture::with,
    gateway,
    journal::Journal,
    ledger::{Kind, Ledger},
    sealer,
    signer::{ADDRESS, DEVICE},
};
use futures_util::TryStreamExt;
use http::{Request, header};
use object_store::{ObjectStore, ObjectStoreExt};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow { id } } }";
const CANCEL: &str =
    "mutation($id: ID!, $reason: String!) { cancelSignFlow(input: {flowId: $id, reason: $reason}) { flow { id } } }";

/// The story's platform with the ledger of what was planted in it.
struct Field {
    app: TestApp,
    ledger: Ledger,
}

impl Field {
    /// Starts a flow, lets its message go out, and plants its link.
    async fn start(&mut self, input: Value) -> FlowId {
        let id = self.app.start(input).await.id;
        self.ledger.plant(Kind::Link, &self.app.signer(id).await.code);
        self.app.pass(TimeDelta::seconds(3)).await;
        id
    }

    /// The same, and has it signed.
    async fn sign(&mut self, input: Value) -> FlowId {
        let id = self.start(input).await;
        self.page(id).await;
        self.app.signer(id).await.sign().await.unwrap();
        self.app.pass(TimeDelta::seconds(3)).await;
        id
    }

    /// Looks at the page of a flow as it stands.
    async fn page(&mut self, id: FlowId) {
        let link = format!("/s/{}", self.app.signer(id).await.code);
        let answer = self.app.get(&link).await;
        self.ledger.search_page("a page", &answer);
    }

    /// The auth system says something about the newest challenge; a credential it gives is planted.
    async fn told(&mut self, message: &str, word: &Value) {
        if let Some(credential) = word["credential"].as_str() {
            self.ledger.plant(Kind::Personal, credential);
        }
        self.app.call_back_with(message, word, TimeDelta::zero()).await;
        self.app.pass(TimeDelta::seconds(3)).await;
    }

    /// Asks as the demo client for what will be refused, and looks at the refusal.
    async fn refused(&mut self, query: &str, variables: Value, expected: &str) {
        let answer = self.app.ask(&self.app.token(&self.app.demo, None), "zh-CN", query, variables).await;
        assert_eq!(code(&answer.json()), Some(expected), "{}", answer.text());
        self.ledger.search_answer(expected, &answer);
    }
}

/// Every way that ends well.
async fn successes(field: &mut Field) {
    let company = field.ledger.company("pays");
    let id = field.sign(company).await;
    for fen in [11, 23, AMOUNT] {
        let fen = field.ledger.plant_amount(fen);
        field.app.signer(id).await.amount(fen).await.unwrap();
        field.app.pass(TimeDelta::seconds(3)).await;
        field.page(id).await;
    }
    assert_eq!(field.app.state(id).await, "COMPLETED");
    field.ledger.plant(Kind::Personal, &field.app.auth.newest().credential());

    let person = field.ledger.person("shows-face");
    let id = field.sign(person).await;
    field.app.signer(id).await.start_face().await.unwrap();
    field.app.run_jobs().await;
    let word = field.app.auth.pass().word();
    field.told("msg-face", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
    field.page(id).await;

    let person = field.ledger.person("refuses-face");
    let id = field.sign(person).await;
    field.app.signer(id).await.refuse_face().await.unwrap();
    field.app.run_jobs().await;
    field.app.auth.judge_later();
    field.app.signer(id).await.amount(AMOUNT).await.unwrap();
    field.app.run_jobs().await;
    let word = field.app.auth.pass().word();
    field.told("msg-paid", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
}

/// Every end but the good one.
async fn endings(field: &mut Field) {
    for act in ["declines", "is-cancelled", "is-abandoned"] {
        let company = field.ledger.company(act);
        let reason = field.ledger.plant(Kind::Personal, &format!("{act} 因为条款七写错了"));
        let caller = field.app.demo.caller();
        match act {
            "declines" => {
                let id = field.start(company).await;
                field.app.signer(id).await.decline(&reason).await.unwrap();
                field.page(id).await;
            }
            "is-cancelled" => {
                let id = field.start(company).await;
                flow::cancel(&field.app, &caller, id, &reason).await.unwrap();
            }
            _ => {
                let id = field.sign(company).await;
                field.app.sealer.sealing.next([Some(sealer::Mishap::Fails), Some(sealer::Mishap::Spoils)]);
                let word = field.app.auth.pass().word();
                field.told("msg-abandoned", &word).await;
                seal::abandon(&field.app, &caller, id, &reason).await.unwrap();
            }
        }
    }
    let expires = field.ledger.person("expires");
    let id = field.start(with(expires, "/expiresInSeconds", json!(60))).await;
    field.app.live_through(TimeDelta::minutes(2)).await;
    assert_eq!(field.app.state(id).await, "TIMED_OUT SESSION_EXPIRED");
    // A text that can't be laid out, and a name typed where none may be.
    let unprintable = field.ledger.person("unprintable");
    let id = field.start(unprintable).await;
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let typed = field.ledger.plant(Kind::Personal, "尉迟敬德之");
    assert!(signer.sign_as(signer.submission(), Ink::TypedName(typed)).await.is_err());
    seal::blob::delete(&field.app, &format!("flows/{id}/1/document.json")).await.unwrap();
    field.app.sealer.laying_out.fail(3, sealer::Mishap::Fails);
    for _ in 0..3 {
        assert!(signer.write_name().await.is_err());
    }
    assert_eq!(field.app.state(id).await, "FAILED SIGN_FAILED");
}

/// What comes from outside quotes whom it is about.
async fn echoes(field: &mut Field) {
    let quote = |input: &Value| {
        let subject = &input["subject"];
        let of = |pointer: &str| subject.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let names = format!("{} {}", of("/name"), of("/signatoryName"));
        let numbers = format!("{} +86{}", of("/idDocument/number"), of("/mobile"));
        format!("{names} 号码 {} 停机; {numbers}, 账号 {}", of("/mobile"), of("/bankAccount/accountNo"))
    };
    for (n, kind) in ["busy", "refused", "unknown"].into_iter().enumerate() {
        let person = field.ledger.person(&format!("sms-{kind}"));
        let (code, reason) = ("isv.MOBILE_ERROR".to_owned(), quote(&person));
        field.app.gateway.script.fail(
            1,
            gateway::Mishap::Refused(match n {
                0 => SmsFailure::Retryable { code: format!("{code} {}", person["subject"]["mobile"]), reason },
                1 => SmsFailure::Final { code, reason },
                _ => SmsFailure::Unknown { reason },
            }),
        );
        field.start(person).await;
        field.app.pass(TimeDelta::minutes(2)).await;
    }
    for (n, kind) in ["busy", "refused", "unknown"].into_iter().enumerate() {
        let company = field.ledger.company(&format!("auth-{kind}"));
        let words = quote(&company);
        let failure = [AuthSystemFailure::Retryable, AuthSystemFailure::Final, AuthSystemFailure::Unknown][n](words);
        for script in [&field.app.auth.creating, &field.app.auth.asking, &field.app.auth.entering] {
            script.fail(1, Mishap::Refused(failure.clone()));
        }
        field.app.auth.evidence.fail(1, Mishap::Refused(failure));
        let id = field.sign(company).await;
        field.app.pass(TimeDelta::seconds(30)).await;
        if kind != "refused" {
            field.app.signer(id).await.amount(AMOUNT).await.unwrap();
            field.app.live_through(TimeDelta::minutes(1)).await;
        }
        for script in [&field.app.auth.creating, &field.app.auth.asking, &field.app.auth.entering] {
            script.clear();
        }
        field.app.auth.evidence.clear();
        field.page(id).await;
    }
    for retryable in [true, false] {
        let company = field.ledger.company(&format!("reason-{retryable}"));
        let reason = quote(&company);
        let id = field.sign(company).await;
        let challenge = field.app.auth.reject(retryable);
        let mut word = challenge.word();
        word["reason"] = reason.into();
        field.told(&format!("msg-reason-{retryable}"), &word).await;
        field.page(id).await;
        let id = json!({"id": id.to_string()});
        let query =
            "query($id: ID!) { signFlow(id: $id) { authRecords { rejectedReason } events { nodes { detail } } } }";
        let told = field.app.data(query, id).await.to_string();
        field.ledger.search("what is told of a rejection", told.as_bytes(), &[]);
    }
}

/// Input that is refused, each with values that are nobody else's.
async fn bad_input(field: &mut Field) {
    let good = field.ledger.company("refused");
    for (pointer, value) in [
        ("/flowNo", "不是流水号 99".to_owned()),
        ("/subject/mobile", "199-7777-66661".to_owned()),
        ("/subject/idDocument/number", "91350100M0007777ZZ".to_owned()),
        ("/subject/bankAccount/accountNo", "6222-7777-8888-9999".to_owned()),
        ("/subject/signatoryName", "端木赐".repeat(20)),
        ("/returnUrl", "https://elsewhere.example/?mobile=19977776666".to_owned()),
        ("/supersedes", "flow_of_somebody_19977775555".to_owned()),
    ] {
        let value = field.ledger.plant(Kind::Personal, &value);
        field.refused(START, json!({"input": with(good.clone(), pointer, json!(value))}), "INVALID_ARGUMENT").await;
    }
    let scene = field.ledger.plant(Kind::Personal, "SCENE_OF_19977774444");
    field.refused(START, json!({"input": with(good.clone(), "/scene", json!(scene))}), "SCENE_NOT_SUPPORTED").await;
    let kind = field.ledger.plant(Kind::Personal, "TYPE_OF_19977773333");
    let unknown = with(good.clone(), "/agreementType", json!(kind));
    field.refused(START, json!({"input": unknown}), "AGREEMENT_TYPE_NOT_SUPPORTED").await;
    let mark = field.ledger.plant(Kind::Personal, "变量里的司空曙");
    let variables = with(good.clone(), "/agreementVariables", json!({"x": mark}));
    field.refused(START, json!({"input": variables}), "INVALID_ARGUMENT").await;
    let id = field.start(good.clone()).await;
    let other = field.ledger.company("refused");
    field.refused(START, json!({"input": other}), "IDEMPOTENCY_CONFLICT").await;
    // A flow that can't be found, one that is another's, one that is over; and the reason is still nobody's affair.
    let reason = field.ledger.plant(Kind::Personal, "公孙策说不要了");
    field.refused(CANCEL, json!({"id": "flow_none", "reason": reason}), "NOT_FOUND").await;
    let vars = json!({"id": id.to_string(), "reason": reason});
    let answer = field.app.ask(&field.app.token(&field.app.other, None), "en", CANCEL, vars.clone()).await;
    field.ledger.search_answer("another client", &answer);
    flow::cancel(&field.app, &field.app.demo.caller(), id, "订单取消").await.unwrap();
    field.refused(CANCEL, vars, "STATE_CONFLICT").await;
    let long = field.ledger.plant(Kind::Personal, &"宇文化及".repeat(200));
    field.refused(CANCEL, json!({"id": id.to_string(), "reason": long}), "INVALID_ARGUMENT").await;
    let mobile = field.ledger.mobile(700);
    field.refused(&format!("{{ nonsense(mobile: \"{mobile}\") }}"), json!({}), "INVALID_REQUEST").await;
    field.refused("query($x: Nonsense) { x }", json!({"x": mobile}), "INVALID_REQUEST").await;
    let found =
        field.app.data("query($m: String) { signFlows(filter: {mobile: $m}) { nodes { id } } }", json!({"m": mobile}));
    assert_eq!(found.await["signFlows"]["nodes"], json!([]));
}

/// Requests of strangers: bad tokens and secrets, values in addresses, forged and broken callbacks.
async fn strangers(field: &mut Field) {
    let app = &field.app;
    let (token, secret) = (app.token(&app.demo, None), app.demo.secret.clone());
    for value in [&token, &secret, &app.other.secret, app.settings.auth.callback_secret.expose()] {
        field.ledger.plant(Kind::Personal, value);
    }
    let guess = field.ledger.plant(Kind::Personal, "a-secret-that-was-guessed");
    let number = field.ledger.mobile(701);
    let encoded: String = url::form_urlencoded::byte_serialize("百里奚".as_bytes()).collect();
    field.ledger.plant(Kind::Personal, "百里奚");
    let mut word = app.auth.newest().word();
    (word["status"], word["credential"]) =
        ("PASSED".into(), field.ledger.plant(Kind::Personal, "credential-forged").into());
    let callback = |body: String, signature: &str| {
        let request = Request::post("/callbacks/auth").header("webhook-id", "msg-forged");
        let request = request.header("webhook-timestamp", app.now().timestamp()).header("webhook-signature", signature);
        request.body(Body::from(body)).unwrap()
    };
    let bearer = |token: &str| {
        let request = Request::post("/graphql").header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.header(header::CONTENT_TYPE, "application/json")
    };
    let form = |form: String| {
        let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(form)).unwrap()
    };
    let of = |method: &str, path: String| Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let requests = [
        bearer(&guess).body(Body::from(json!({"query": "{ viewer { name } }"}).to_string())).unwrap(),
        bearer(&token[1..]).body(Body::from("{}")).unwrap(),
        form(format!("grant_type=client_credentials&client_id=demo&client_secret={guess}")),
        form(format!("grant_type=password&username={number}&password={secret}")),
        of("GET", format!("/graphql?query={{viewer{{name}}}}&mobile={number}&access_token={token}")),
        of("GET", format!("/s/{number}?name={encoded}")),
        of("GET", format!("/{encoded}/{number}")),
        of("GET", format!("/d/{guess}?name={encoded}")),
        of("BREW", format!("/verify?mobile={number}")),
        callback(word.to_string(), "v1,bm90IGEgc2lnbmF0dXJl"),
        callback(format!("{{\"name\": \"百里奚\", {number}"), "v1,AAAA"),
        of("POST", format!("/callbacks/sms/sandbox/{guess}")),
    ];
    for request in requests {
        let place = format!("{} {}", request.method(), request.uri().path());
        let answer = field.app.call(request).await;
        assert!(!answer.status.is_success(), "{place}");
        field.ledger.search_answer("a stranger", &answer);
    }
    // Genuine, and yet no challenge state, or none of ours.
    let mut stray = word.clone();
    stray["idempotencyKey"] = field.ledger.plant(Kind::Opaque, "demo/stray-19977772222").into();
    for (n, body) in [json!({"mobile": number}), json!([word["credential"]]), stray].into_iter().enumerate() {
        field.app.call_back_with(&format!("msg-odd-{n}"), &body, TimeDelta::zero()).await;
    }
}

/// The signer's forms, with nonsense in every field.
async fn forms(field: &mut Field) {
    let person = field.ledger.person("forms");
    let id = field.start(person).await;
    let base = format!("/s/{}", field.app.signer(id).await.code);
    let typed = field.ledger.plant(Kind::Personal, "令狐冲之");
    let details = field.ledger.plant(Kind::Personal, "因为令爱不同意");
    let mobile = field.ledger.mobile(702);
    let submission = field.app.signer(id).await.submission().to_string();
    for (act, form) in [
        ("signature", vec![("submission", submission.as_str()), ("consent", "yes"), ("typed_name", &typed)]),
        ("signature", vec![("submission", &mobile), ("strokes", &mobile)]),
        ("reading", vec![("reading", mobile.as_str())]),
        ("amount", vec![("submission", submission.as_str()), ("amount", &mobile)]),
        ("amount", vec![("submission", submission.as_str()), ("amount", "0.73")]),
        ("face", vec![("submission", mobile.as_str()), ("consent", &typed)]),
        ("refusal", vec![("submission", submission.as_str()), ("reason", "other"), ("details", &details)]),
        ("refusal", vec![("submission", submission.as_str()), ("reason", &mobile), ("confirmed", "yes")]),
        ("nonsense", vec![("name", typed.as_str())]),
    ] {
        let answer = field.app.post_form(&format!("{base}/{act}"), &form).await;
        field.ledger.search_page(act, &answer);
    }
    field.ledger.plant_amount(73);
    // What was read, signed and declined on the pages.
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let reason =
        [("submission", submission.as_str()), ("reason", "other"), ("details", &details), ("confirmed", "yes")];
    let answer = field.app.post_form(&format!("{base}/refusal"), &reason).await;
    field.ledger.search_page("refusal", &answer);
    assert_eq!(field.app.state(id).await, "FAILED SIGN_DECLINED");
    field.page(id).await;
}

/// A database that fails in the middle of every act.
async fn broken_database(field: &mut Field) {
    let unopened = field.ledger.person("unopened");
    let unopened = field.app.start(unopened).await.id;
    field.ledger.plant(Kind::Link, &field.app.signer(unopened).await.code);
    let company = field.ledger.company("broken");
    let id = field.start(company).await;
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let new = field.ledger.person("never-started");
    let reason = field.ledger.plant(Kind::Personal, "上官婉儿要求撤销");
    let challenge = field.app.auth.newest();
    let mut word = challenge.word();
    word["credential"] = field.ledger.plant(Kind::Personal, "credential-never-kept").into();
    for table in ["event_secret", "flow_event", "submission", "flow_secret", "auth_inbox"] {
        let rename = |from: &str, to: &str| format!("alter table {from} rename to {to}");
        let away = format!("{table}_away");
        field.app.db.write().execute_unprepared(&rename(table, &away)).await.unwrap();
        let (app, ledger) = (&field.app, &mut field.ledger);
        let all = app.token(&app.demo, None);
        for (query, variables) in
            [(START, json!({"input": new})), (CANCEL, json!({"id": id.to_string(), "reason": reason}))]
        {
            let answer = app.ask(&all, "zh-CN", query, variables).await;
            ledger.search_answer(table, &answer);
        }
        for code in [unopened, id] {
            let base = match table {
                // Without its secrets no link is known to the story either.
                "flow_secret" => "/s/none".to_owned(),
                _ => format!("/s/{}", app.signer(code).await.code),
            };
            ledger.search_page(table, &app.get(&base).await);
            let form =
                [("submission", "sub_00000000-0000-7000-8000-000000000009"), ("reason", "other"), ("details", &reason)];
            ledger.search_page(table, &app.post_form(&format!("{base}/refusal"), &form).await);
        }
        app.call_back_with("msg-never-kept", &word, TimeDelta::zero()).await;
        job::drain(app).await.unwrap();
        field.app.db.write().execute_unprepared(&rename(&away, table)).await.unwrap();
    }
    field.app.pass(TimeDelta::minutes(20)).await;
}

/// A resolver that panics over a flow.
async fn panic(ledger: &mut Ledger) {
    // No document's address lasts that long: the resolver that makes it panics.
    let app = TestApp::with(|settings| settings.flow.download_seconds = i64::MAX).await;
    let mut field = Field { app, ledger: std::mem::take(ledger) };
    let company = field.ledger.company("panics");
    let id = field.sign(company).await;
    let word = field.app.auth.pass().word();
    field.told("msg-panics", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
    let query = "query($id: ID!) { signFlow(id: $id) { subject { name } sealRecords { downloadUrl } } }";
    let vars = json!({"id": id.to_string()});
    let answer = field.app.ask(&field.app.token(&field.app.demo, None), "en", query, vars).await;
    assert_eq!((answer.status.as_u16(), code(&answer.json())), (500, Some("INTERNAL")));
    field.ledger.search_answer("a panic", &answer);
    *ledger = std::mem::take(&mut field.ledger);
}

/// Looks through everything that is kept.
async fn search_what_is_kept(field: &mut Field) {
    let (app, ledger) = (&field.app, &mut field.ledger);
    ledger.search("/metrics", &app.get("/metrics").await.body, &[]);
    ledger.search("/readyz", &app.get("/readyz").await.body, &[]);
    let dump = TestDatabase::dump(&app.db).await;
    assert!(dump.len() > 300, "{} rows", dump.len());
    for (table, row) in dump {
        ledger.search(&table, row.as_bytes(), &[Kind::Opaque]);
    }
    let files = ledger.search_folder(app.folder(), &[Kind::Opaque]);
    assert!(files > 0 || app.db.backend() == sea_orm::DatabaseBackend::Postgres, "the SQLite file was looked into");
    let blobs: Vec<_> = app.blobs.list(None).try_collect().await.unwrap();
    assert!(blobs.len() > 50);
    for blob in blobs {
        let bytes = app.blobs.get(&blob.location).await.unwrap().bytes().await.unwrap();
        ledger.search("a blob", &bytes, &[]);
        ledger.search("a blob's name", blob.location.as_ref().as_bytes(), &[]);
    }
    // What others leave there meanwhile is searched as well; large files are theirs.
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        if entry.metadata().is_ok_and(|file| file.is_file() && file.len() < 1 << 16) {
            ledger.search("a temporary file", &std::fs::read(entry.path()).unwrap_or_default(), &[]);
        }
    }
}

#[tokio::test]
async fn none_of_two_hundred_values_is_found_anywhere() {
    let journal = Journal::begin();
    let mut field = Field { app: TestApp::new().await, ledger: Ledger::default() };
    for value in [ADDRESS, DEVICE] {
        field.ledger.plant(Kind::Personal, value);
    }
    successes(&mut field).await;
    endings(&mut field).await;
    echoes(&mut field).await;
    bad_input(&mut field).await;
    strangers(&mut field).await;
    forms(&mut field).await;
    broken_database(&mut field).await;
    panic(&mut field.ledger).await;
    search_what_is_kept(&mut field).await;
    let log = journal.text();
    for heard in ["flow moved", "sealing failed", "unexpected error", "a callback was refused", "panic"] {
        assert!(log.contains(heard), "the log was heard: {heard}");
    }
    field.ledger.search("the log", log.as_bytes(), &[]);
    let ledger = &field.ledger;
    eprintln!(
        "{} values planted, {} bytes searched, {} found",
        ledger.planted(),
        ledger.searched(),
        ledger.found().len()
    );
    assert_eq!(ledger.found(), [""; 0]);
    assert!(ledger.planted() >= 200, "{}", ledger.planted());
}
