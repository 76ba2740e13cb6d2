//! From the commit of a start to the subscriber who is told of it.
//!
//! PostgreSQL keeps the moment of each commit (`track_commit_timestamp`); the subscriber notes by the same machine's clock
//! when it was told.

use std::{
    cell::Cell,
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::{SinkExt, StreamExt};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    Failure,
    ask::Ask,
    drive,
    http::Connection,
    postgres,
    report::Report,
    sample::percentile,
    server::{Jobs, Server},
    settings::Settings,
    start::World,
};

const EVENTS: &str = "subscription { signFlowEvents { node { flowId } } }";
/// Starts a second: well below what makes anybody wait.
const PACE: u32 = 50;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Measures it.
pub async fn measure(settings: &Settings, report: &mut Report) -> Result<(), Failure> {
    let world = World::make(settings, &["track_commit_timestamp=on"]).await?;
    let writer = world.serve(settings, Jobs::Left).await?;
    let other = world.serve(settings, Jobs::Left).await?;
    report.section("From a commit to a subscriber");
    report.line(&format!("{PACE} starts a second.\n\n| | p50, ms | p99, ms | events |\n|---|---|---|---|"));
    for (name, server) in [("in the process that wrote it", &writer), ("in another process on the database", &other)] {
        let told = told(settings, &writer, server).await?;
        let mut late = latencies(&world, &told).await?;
        late.sort_by(f64::total_cmp);
        let (half, most) = (percentile(&late, 0.5), percentile(&late, 0.99));
        report.line(&format!("| {name} | {half:.1} | {most:.1} | {} |", late.len()));
        report.figure(&format!("events {name}"), json!({"p50": half, "p99": most, "events": late.len()}));
    }
    writer.end().await?;
    other.end().await?;
    world.end().await
}

/// When the subscriber was told of which flow, in microseconds since 1970, while flows are started at a slow pace.
async fn told(settings: &Settings, writer: &Server, server: &Server) -> Result<HashMap<String, i64>, Failure> {
    let mut socket = subscribed(server).await?;
    let mut connection = Connection::open(&writer.address).await?;
    let base = drive::numbers();
    let wanted = u64::from(PACE) * settings.window.as_secs();
    let all_started = Cell::new(false);
    let starts = async {
        let mut pace = tokio::time::interval(Duration::from_secs(1) / PACE);
        for number in 0..wanted {
            pace.tick().await;
            let answer = connection.ask(&Ask::Start.request(&writer.token, base, number)).await?;
            if !Ask::Start.is_answered_by(&answer) {
                return Err(answer.words());
            }
        }
        all_started.set(true);
        Ok(())
    };
    let hears = async {
        let mut told = HashMap::new();
        while (told.len() as u64) < wanted {
            let next = tokio::time::timeout(Duration::from_secs(10), socket.next()).await;
            let next = next.map_err(|_| "an event did not come")?.ok_or("the subscription ended")?;
            let Message::Text(text) = next.map_err(|error| error.to_string())? else { continue };
            let now = now_in_microseconds()?;
            let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if let Some(flow) = message["payload"]["data"]["signFlowEvents"]["node"]["flowId"].as_str() {
                told.insert(flow.trim_start_matches("flow_").to_owned(), now);
            }
        }
        Ok::<_, Failure>(told)
    };
    let (started, told) = tokio::join!(starts, hears);
    started.and(told)
}

/// Milliseconds from each flow's commit to when it was told.
async fn latencies(world: &World, told: &HashMap<String, i64>) -> Result<Vec<f64>, Failure> {
    let connection = postgres::connect(&world.url).await?;
    let sql = "select id::text, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint from sign_flow";
    let statement = Statement::from_string(DatabaseBackend::Postgres, sql);
    let rows = connection.query_all_raw(statement).await.map_err(|error| error.to_string())?;
    let mut latencies = Vec::new();
    for row in rows {
        let id: String = row.try_get_by_index(0).map_err(|error| error.to_string())?;
        let committed: i64 = row.try_get_by_index(1).map_err(|error| error.to_string())?;
        if let Some(told) = told.get(&id) {
            #[expect(clippy::cast_precision_loss, reason = "some seconds at most")]
            latencies.push((told - committed) as f64 / 1e3);
        }
    }
    Ok(latencies)
}

async fn subscribed(server: &Server) -> Result<Socket, Failure> {
    let mut request =
        format!("ws://{}/graphql/ws", server.address).into_client_request().map_err(|error| error.to_string())?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header's value"));
    let (mut socket, _) = connect_async(request).await.map_err(|error| error.to_string())?;
    let token = format!("Bearer {}", server.token);
    for message in [
        json!({"type": "connection_init", "payload": {"authorization": token}}),
        json!({"type": "subscribe", "id": "1", "payload": {"query": EVENTS}}),
    ] {
        socket.send(Message::Text(message.to_string().into())).await.map_err(|error| error.to_string())?;
        // The protocol wants the first message acknowledged before the second is sent.
        if message["type"] == "connection_init" {
            socket.next().await.ok_or("the subscription was refused")?.map_err(|error| error.to_string())?;
        }
    }
    // Subscribing is not acknowledged: a subscription of a query that fails would end the socket by now.
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(socket)
}

#[expect(clippy::disallowed_methods, reason = "a clock that PostgreSQL shares, to measure with")]
fn now_in_microseconds() -> Result<i64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    i64::try_from(since.as_micros()).map_err(|error| error.to_string())
}
