//! Guessing: the amount of a transfer has ninety-nine values, so what counts is that nobody gets one try more by typing at
//! once, on many flows, as many clients, or at many replicas. A link's code has 2^128; there only the noise is kept down.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::body::Body;
use chrono::TimeDelta;
use esign_config::AuthMode;
use esign_domain::{
    App,
    auth::{self, entity::auth_entry},
    error::Error,
    flow::h5,
    ids::FlowId,
    job,
    terms::AuthStatus,
};
use esign_tests::{
    TestApp,
    auth_system::Mishap,
    contender,
    fixture::{corporate, individual, with},
    race::Starter,
};
use futures_util::future::BoxFuture;
use http::{Request, header};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// A platform that is told and doesn't ask: days go by in these stories, and polls would only take time.
async fn platform(wrong_entries: u64) -> Arc<TestApp> {
    let settings = |settings: &mut esign_config::Settings| {
        settings.database.max_connections = 16;
        settings.auth.mode = AuthMode::Callback;
        settings.auth.account_wrong_entries = wrong_entries;
        settings.auth.payment_validity_seconds = 20 * 86_400;
        settings.flow.auth_attempts = 1_000;
    };
    Arc::new(TestApp::with(settings).await)
}

async fn entries(app: &TestApp) -> Vec<auth_entry::Model> {
    auth_entry::Entity::find().order_by_asc(auth_entry::Column::CountedAt).all(app.db.read()).await.unwrap()
}

/// A hand that types an amount at one replica.
fn hand(app: &Arc<TestApp>, replica: &Arc<App>, code: &str, fen: i64) -> BoxFuture<'static, bool> {
    let (replica, code) = (replica.clone(), code.to_owned());
    contender!(app => match h5::submit_amount(&replica, &code, app.id(), fen).await {
        Ok(_) => true,
        Err(Error::StateConflict { .. } | Error::RateLimited { .. } | Error::AuthFailed { .. }) => false,
        Err(error) => panic!("{error:?}"),
    })
}

/// Asks for another challenge where the last one is spent.
async fn try_again(app: &TestApp, id: FlowId) {
    if app.flow(id).await.auth_status == AuthStatus::Rejected {
        app.signer(id).await.try_again().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_challenge_is_given_a_fourth_amount() {
    const ROUNDS: usize = 1_000;
    let (app, starter) = (platform(100_000).await, Starter::of("three amounts a challenge"));
    let mut flows = Vec::new();
    for n in 0..5 {
        let id = app.sign(corporate(&format!("spent-{n}"))).await;
        flows.push((id, app.signer(id).await.code));
    }
    app.run_jobs().await;
    let mut taken = 0;
    for _ in 0..ROUNDS {
        let (id, code) = &flows[starter.below(flows.len())];
        let is_lost = starter.below(20) == 0;
        if is_lost {
            app.auth.entering.next([Some(Mishap::LostReply)]);
        }
        let mut contenders: Vec<_> = (0..3).map(|hand_no| hand(&app, &app, code, 11 + hand_no)).collect();
        contenders.push(contender!(app => job::drain(&app).await.is_err()));
        let told = starter.run(contenders).await;
        // More than one hand may be taken: the worker may have had the first amount judged before the next was typed.
        taken += told.iter().filter(|taken| **taken).count();
        if is_lost {
            app.advance(TimeDelta::seconds(3));
        }
        app.run_jobs().await;
        try_again(&app, *id).await;
        app.run_jobs().await;
    }
    let mut counted: BTreeMap<_, usize> = BTreeMap::new();
    for entry in entries(&app).await {
        *counted.entry(entry.auth_record_id).or_default() += 1;
    }
    let most_handed_in = app.auth.challenges().iter().map(esign_tests::auth_system::Challenge::amounts_taken).max();
    assert_eq!((counted.values().max(), most_handed_in), (Some(&3), Some(3)));
    let handed_in: usize = app.auth.challenges().iter().map(esign_tests::auth_system::Challenge::amounts_taken).sum();
    assert_eq!((counted.values().sum::<usize>(), handed_in), (taken, taken), "counted, handed in, and told as taken");
    assert!(taken > ROUNDS / 2, "the hands did type: {taken}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_account_is_given_a_seventh_wrong_amount_in_a_day() {
    let (app, starter) = (platform(6).await, Starter::of("six wrong amounts a day"));
    let replica = app.replica(1).await;
    let account = json!({"accountNo": "571900001111222233", "bankName": "招商银行"});
    let mut flows = Vec::new();
    for n in 0..8 {
        let input = with(corporate(&format!("account-{n}")), "/subject/bankAccount", account.clone());
        let client = if n % 2 == 0 { &app.demo } else { &app.other };
        let id = app.try_start_as(client, input).await.unwrap().flow.id;
        app.run_jobs().await;
        app.signer(id).await.sign().await.unwrap();
        app.run_jobs().await;
        flows.push((id, app.signer(id).await.code));
    }
    for _ in 0..40 {
        // Every flow at both replicas at once, both replicas at work.
        let hands = flows.iter().flat_map(|(_, code)| [hand(&app, &app, code, 11), hand(&app, &replica, code, 12)]);
        let mut contenders: Vec<_> = hands.collect();
        for worker in [Arc::clone(&**app), replica.clone()] {
            contenders.push(Box::pin(async move { job::drain(&worker).await.is_err() }));
        }
        starter.run(contenders).await;
        app.run_jobs().await;
        for (id, _) in &flows {
            try_again(&app, *id).await;
        }
        app.pass(TimeDelta::hours(5)).await;
    }
    let entries = entries(&app).await;
    let day = TimeDelta::hours(24);
    for (n, entry) in entries.iter().enumerate() {
        let within = entries[..=n].iter().filter(|before| before.counted_at > entry.counted_at - day).count();
        assert!(within <= 6, "entry {n} is number {within} of its day");
        assert_eq!(entry.wrong, Some(true));
    }
    let handed_in: usize = app.auth.challenges().iter().map(esign_tests::auth_system::Challenge::amounts_taken).sum();
    assert_eq!(handed_in, entries.len());
    assert!(entries.len() > 40, "the hands did type: {}", entries.len());
}

/// An auth system may take an amount and judge it only later. Until it has, the amount counts like a wrong one.
#[tokio::test]
async fn an_amount_that_is_judged_later_counts_until_it_was_right() {
    let app = platform(6).await;
    let id = app.sign(corporate("judged-later")).await;
    app.run_jobs().await;
    app.auth.judge_everything_later();
    let signer = app.signer(id).await;
    for tries in 0..6 {
        signer.amount(11).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.state(id).await, "AUTHENTICATING");
        assert_eq!(app.call_back(&format!("msg-{tries}"), &app.auth.reject(true)).await, 200);
        signer.try_again().await.unwrap();
        app.run_jobs().await;
    }
    assert_eq!(app.auth.challenges().len(), 6, "no seventh challenge is made");
    app.pass(TimeDelta::hours(24)).await;
    signer.amount(11).await.unwrap();
    app.run_jobs().await;
    app.call_back("msg-right", &app.auth.pass()).await;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let wrong: Vec<_> = entries(&app).await.into_iter().map(|entry| entry.wrong).collect();
    assert_eq!(wrong[..6], [Some(true); 6]);
    assert_eq!(wrong[6], Some(false), "what was right counts no more");
    let records = auth::query::of_flows(&app, &[id]).await.unwrap();
    assert_eq!(records.len(), 7);
}

fn miss(from: SocketAddr, code: &str) -> (SocketAddr, Request<Body>) {
    (from, Request::get(format!("/s/{code}")).body(Body::empty()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn misses_at_once_are_counted_each() {
    let app = Arc::new(TestApp::with(|settings| settings.limits.link_misses_per_minute = 5).await);
    let starter = Starter::of("misses at once");
    let id = app.start(individual("found")).await.id;
    app.run_jobs().await;
    let good = app.signer(id).await.code;
    for round in 0..20 {
        let from = SocketAddr::from(([198, 51, 100, round], 40_000));
        let ask = |code: String| {
            contender!(app => {
                let (from, request) = miss(from, &code);
                app.call_from(from, request).await.status.as_u16()
            })
        };
        let mut contenders: Vec<_> = (0..24).map(|n| ask(format!("guess{n}"))).collect();
        contenders.extend((0..4).map(|_| ask(good.clone())));
        let told = starter.run(contenders).await;
        let with = |status: u16| told.iter().filter(|told| **told == status).count();
        assert_eq!((with(404), with(429), with(200)), (5, 19, 4), "round {round}: only misses count, and each");
    }
    let elsewhere = SocketAddr::from(([198, 51, 100, 99], 40_000));
    let (from, request) = miss(elsewhere, "guess");
    assert_eq!(app.call_from(from, request).await.status, 404, "another address has its own count");
}

/// Serves on a real socket and asks for one link after the other, each said to be for another address.
async fn guess_as_many(trusted: &[&str]) -> Vec<u16> {
    let trusted: Vec<_> = trusted.iter().map(|net| net.parse().unwrap()).collect();
    let app = TestApp::with(|settings| {
        settings.limits.link_misses_per_minute = 3;
        settings.server.trusted_proxies = trusted;
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let mut tasks = JoinSet::new();
    let (router, settings, ended) = (app.router(), app.settings.server.clone(), stop.clone());
    tasks.spawn(async move { esign_api::server::serve(listener, router, &settings, ended).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut statuses = Vec::new();
    for n in 0..6 {
        let request = client.get(format!("http://{address}/s/guess{n}"));
        let told = request.header("x-forwarded-for", format!("203.0.113.{n}")).send().await.unwrap();
        assert!(told.status() != 429 || told.headers().contains_key(header::RETRY_AFTER));
        statuses.push(told.status().as_u16());
    }
    stop.cancel();
    tasks.join_next().await;
    statuses
}

#[tokio::test]
async fn a_made_up_address_is_no_way_round_the_limit() {
    assert_eq!(guess_as_many(&[]).await, [404, 404, 404, 429, 429, 429]);
    assert_eq!(guess_as_many(&["10.0.0.0/8"]).await, [404, 404, 404, 429, 429, 429], "a proxy, but not one of ours");
    assert_eq!(guess_as_many(&["127.0.0.0/8"]).await, [404; 6], "our proxy says who it was");
}
