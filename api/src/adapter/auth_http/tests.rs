//! Against a server that checks signatures by its own reading of the contract.

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use esign_config::{Profile, Settings};
use esign_domain::{
    auth::port::{ChallengeAccount, ChallengeStatus, ChallengeSubject},
    clock::ManualClock,
    personal::{AccountNo, IdNumber, Mobile},
    terms::{AuthType, IdDocumentType, Scene, SubjectRole, SubjectType},
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};

use super::*;

/// What the server saw: method, path with query, body.
type Seen = (String, String, Vec<u8>);

#[derive(Clone)]
struct Stranger {
    seen: mpsc::UnboundedSender<Seen>,
    status: StatusCode,
    answer: &'static str,
}

fn is_signed(headers: &HeaderMap, method: &str, path: &str, body: &[u8]) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = format!("{method}\n{path}\n{}\n{}", text("x-esign-timestamp"), sha256_hex(body));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"sandbox-requests-are-signed-with-this");
    let signature = STANDARD.decode(text("x-esign-signature")).unwrap_or_default();
    text("x-esign-key") == "sandbox" && hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
}

async fn receive(State(stranger): State<Stranger>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let path = parts.uri.path_and_query().unwrap().to_string();
    if !is_signed(&parts.headers, parts.method.as_str(), &path, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    stranger.seen.send((parts.method.to_string(), path, body)).unwrap();
    (stranger.status, stranger.answer).into_response()
}

struct Wire {
    auth: AuthHttp,
    seen: mpsc::UnboundedReceiver<Seen>,
    _servers: JoinSet<std::io::Result<()>>,
}

async fn wire(status: StatusCode, answer: &'static str) -> Wire {
    let (sender, seen) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = esign_config::from_sources(Settings::shipped(Profile::Sandbox)).unwrap().auth;
    settings.base_url = format!("http://{}/base/", listener.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(Stranger { seen: sender, status, answer });
    let mut servers = JoinSet::new();
    servers.spawn(async move { axum::serve(listener, router).await });
    let clock = ManualClock::at(DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap());
    Wire { auth: AuthHttp::new(&settings, Arc::new(clock)).unwrap(), seen, _servers: servers }
}

const STATE: &str = r#"{"challengeId":"c-1","idempotencyKey":"demo/F-1","status":"PENDING","entriesLeft":3,
    "payment":{"maskedAccount":"招商银行 ···· 6688"}}"#;

fn challenge() -> NewChallenge {
    NewChallenge {
        idempotency_key: "demo/F-1#2".into(),
        scene: Scene::Collection,
        fund_purpose: "货款".into(),
        subject: ChallengeSubject {
            kind: SubjectType::Corporate,
            role: SubjectRole::Store,
            subject_no: "S-1".into(),
            name: "云帆贸易有限公司".into(),
            id_document_type: IdDocumentType::UnifiedSocialCreditCode,
            id_number: IdNumber::trusted("91350100M000100Y43"),
            mobile: Mobile::parse("13800138000").unwrap(),
            bank_account: Some(ChallengeAccount {
                account_no: AccountNo::trusted("6225880212345678"),
                bank_name: "招商银行".into(),
                bank_code: None,
            }),
            signatory_name: Some("张思远".into()),
        },
        auth_type: AuthType::PaymentVerification,
        callback_url: None,
        return_url: "http://127.0.0.1/s/x/back".into(),
    }
}

#[tokio::test]
async fn a_challenge_is_asked_for_signed_and_whole() {
    let mut wire = wire(StatusCode::OK, STATE).await;
    let state = wire.auth.create(&challenge()).await.unwrap();
    assert_eq!((state.status, state.entries_left), (ChallengeStatus::Pending, Some(3)));
    let (method, path, body) = wire.seen.recv().await.unwrap();
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/base/challenges"));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["idempotencyKey"], "demo/F-1#2");
    assert_eq!(body["subject"]["mobile"], "+8613800138000");
    assert_eq!(body["subject"]["idDocument"]["number"], "91350100M000100Y43");
    assert_eq!(body["subject"]["bankAccount"]["accountNo"], "6225880212345678");
    assert_eq!(body["authType"], "PAYMENT_VERIFICATION");
}

#[tokio::test]
async fn ids_of_strangers_stay_inside_their_segment() {
    let mut wire = wire(StatusCode::OK, STATE).await;
    wire.auth.state("../x?y=1#z/签").await.unwrap();
    assert_eq!(wire.seen.recv().await.unwrap().1, "/base/challenges/..%2Fx%3Fy%3D1%23z%2F%E7%AD%BE");
    wire.auth.submit_amount("c-1", "entry_1", 37).await.unwrap();
    let (_, path, body) = wire.seen.recv().await.unwrap();
    assert_eq!(path, "/base/challenges/c-1/materials");
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"entryId": "entry_1", "amount": 37}));
    assert!(wire.auth.cancel("c-1").await.is_ok());
    assert_eq!(wire.auth.evidence("c-1").await.unwrap(), STATE.as_bytes());
}

#[tokio::test]
async fn failures_are_classed_and_say_nothing_personal() {
    for (status, answer) in
        [(StatusCode::SERVICE_UNAVAILABLE, ""), (StatusCode::CONFLICT, "张思远"), (StatusCode::OK, "张思远")]
    {
        let failure = wire(status, answer).await.auth.create(&challenge()).await.unwrap_err();
        match status.as_u16() {
            503 => assert!(matches!(failure, AuthSystemFailure::Retryable(_))),
            409 => assert!(matches!(failure, AuthSystemFailure::Final(_))),
            _ => assert!(matches!(failure, AuthSystemFailure::Unknown(_))),
        }
        assert!(!failure.to_string().contains("张思远"));
    }
}

#[tokio::test]
async fn nobody_at_home_means_nothing_was_done() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut settings = esign_config::from_sources(Settings::shipped(Profile::Sandbox)).unwrap().auth;
    settings.base_url = format!("http://{free}");
    let clock = ManualClock::at(DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap());
    let failure = AuthHttp::new(&settings, Arc::new(clock)).unwrap().state("c-1").await.unwrap_err();
    assert!(matches!(failure, AuthSystemFailure::Retryable(_)), "{failure:?}");
}
