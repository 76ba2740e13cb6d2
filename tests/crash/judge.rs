//! The judgement: what the API says became of every flow, held against what was done, and against itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Failure, audit, chain,
    journal::Journal,
    server::{self, Servers},
    settings::Settings,
    tale::{Lived, Tale},
    token::Keys,
    watch,
    world::World,
};

const EVENTS: &str =
    "query($first: Int, $after: String) { signFlowEvents(first: $first, after: $after) { edges { cursor
  node { id flowId flowNo seq type fromStatus toStatus detail hash occurredAt } } } }";
const FLOW: &str = "query($flowNo: String!) { signFlow(flowNo: $flowNo) {
  id status authStatus failure { code } smsRecords { id status }
  sealRecords { status level contentDigest sealedDigest downloadUrl }
  result { status token evidenceDigest authCredential } } }";
const TERMINAL: [&str; 4] = ["COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"];
/// Events read at once.
const PAGE: usize = 100;
/// Completed flows whose files and tokens are judged by the executable, too.
const VERIFIED: usize = 8;
/// What a worker says whose claim has lapsed, and who therefore writes nothing.
const REFUSED: &str = "the lease was lost: somebody else has this job";
/// Amounts that a challenge may take.
const ENTRIES: usize = 3;

/// What was found.
pub struct Verdict {
    /// In a few lines.
    pub summary: String,
    /// What did not hold.
    pub problems: Vec<Failure>,
    /// Every event, in the order of the log.
    pub events: watch::Listed,
}

/// Judges everything.
pub async fn judge(settings: &Settings, world: &World, servers: &Servers, lived: &[Lived]) -> Result<Verdict, Failure> {
    let mut problems = servers.problems().to_vec();
    let audit = audit::end(&servers.database).await?;
    problems.extend(audit.problems);
    let log = whole_log(world).await?;
    let mut by_flow: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for edge in &log {
        by_flow.entry(edge["node"]["flowNo"].as_str().unwrap_or_default()).or_default().push(&edge["node"]);
    }
    if by_flow.len() != settings.flows {
        problems.push(format!("{} flows were to be started, the log knows {}", settings.flows, by_flow.len()));
    }
    let (journal, keys) = (Journal::read(&servers.outside_data())?, published_keys(world).await?);
    let (mut ends, mut doubled, mut verified) = (BTreeMap::<String, usize>::new(), 0, 0);
    for one in lived {
        let events = by_flow.get(one.flow_no.as_str()).map_or(&[][..], Vec::as_slice);
        let mut case = Case { world, servers, lived: one, events, problems: Vec::new() };
        let flow = world.data(FLOW, json!({"flowNo": one.flow_no})).await?["signFlow"].take();
        *ends.entry(flow["status"].as_str().unwrap_or("LOST").to_owned()).or_default() += 1;
        case.judge(&flow, &keys);
        doubled += case.doubled_messages(&flow, &journal);
        case.check_amounts(&journal);
        if flow["status"] == "COMPLETED" {
            verified += 1;
            case.check_completion(&flow, verified <= VERIFIED).await?;
        }
        problems.extend(case.told());
    }
    if doubled > servers.kills() + settings.database_kills {
        problems.push(format!("{doubled} SMS were sent twice by {} kills", servers.kills()));
    }
    let events: watch::Listed = log.iter().map(listed).collect();
    for server in world.servers() {
        if let Err(failure) = watch::replay(world, server, &events).await {
            problems.push(failure);
        }
    }
    let ends: Vec<String> = ends.into_iter().map(|(end, count)| format!("{count} {end}")).collect();
    let refused: usize = servers.logs().map(|log| server::lines(log, |line| line.contains(REFUSED))).sum();
    let summary = format!(
        "  {}; {} events; {doubled} SMS came twice, {} were handed in again under their id\n  {}, {refused} were refused",
        ends.join(", "),
        events.len(),
        journal.repeated_sends(),
        audit.summary
    );
    Ok(Verdict { summary, problems, events })
}

async fn published_keys(world: &World) -> Result<Keys, Failure> {
    let answer = world.ask(|client, server| client.get(format!("{server}/.well-known/jwks.json"))).await?;
    answer.json().map(Keys::new)
}

async fn whole_log(world: &World) -> Result<Vec<Value>, Failure> {
    let mut log: Vec<Value> = Vec::new();
    loop {
        let after = log.last().and_then(|edge| edge["cursor"].as_str()).map(str::to_owned);
        let page = events(world, after, PAGE).await?;
        let full = page.len() == PAGE;
        log.extend(page);
        if !full {
            return Ok(log);
        }
    }
}

/// Events of all flows after a cursor, oldest first.
pub async fn events(world: &World, after: Option<String>, first: usize) -> Result<Vec<Value>, Failure> {
    let mut data = world.data(EVENTS, json!({"first": first, "after": after})).await?;
    match data["signFlowEvents"]["edges"].take() {
        Value::Array(edges) => Ok(edges),
        other => Err(format!("no list of events: {other}")),
    }
}

/// Cursor and id of an event.
pub fn listed(edge: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&edge["cursor"]), text(&edge["node"]["id"]))
}

/// One flow before the judge.
struct Case<'a> {
    world: &'a World,
    servers: &'a Servers,
    lived: &'a Lived,
    events: &'a [&'a Value],
    problems: Vec<Failure>,
}

impl Case<'_> {
    fn hold(&mut self, holds: bool, problem: impl FnOnce() -> Failure) {
        if !holds {
            self.problems.push(problem());
        }
    }

    fn judge(&mut self, flow: &Value, keys: &Keys) {
        if let Some(trouble) = &self.lived.trouble {
            self.problems.push(format!("the signer came to no end: {trouble}"));
        }
        let (status, failure) = self.lived.tale.end();
        self.hold(flow["status"] == status, || format!("it is {} and not {status}", flow["status"]));
        let code = flow["failure"]["code"].as_str();
        if failure.is_some() {
            self.hold(code == failure, || format!("it failed with {code:?}"));
        }
        self.hold(self.lived.flow_id.as_deref() == flow["id"].as_str(), || "its id has changed".into());
        self.check_chain(flow);
        self.check_token(flow, keys);
        for (kind, count) in self.lived.tale.counts() {
            let found = self.events.iter().filter(|event| event["type"] == kind).count();
            self.hold(found == count, || format!("{found} events {kind}, not {count}"));
        }
    }

    fn check_chain(&mut self, flow: &Value) {
        match chain::verify(self.events) {
            Err(failure) => self.problems.push(failure),
            Ok(head) => {
                let named = flow["result"]["evidenceDigest"].as_str();
                self.hold(named == Some(&head), || format!("the chain ends with {head}, the result names {named:?}"));
            }
        }
        let is_end = |event: &&&Value| TERMINAL.iter().any(|end| event["toStatus"] == *end);
        let ends = self.events.iter().filter(is_end).count();
        self.hold(ends == 1, || format!("{ends} events end it"));
        self.hold(self.events.last().as_ref().is_some_and(is_end), || "its last event is not its end".into());
        let broken = self.events.windows(2).find(|pair| pair[0]["toStatus"] != pair[1]["fromStatus"]);
        self.hold(broken.is_none(), || format!("event {} begins where none ended", broken.expect("broken")[1]["seq"]));
    }

    /// Every end has a token, whose claims are what the flow says of itself.
    fn check_token(&mut self, flow: &Value, keys: &Keys) {
        let result = &flow["result"];
        let claims = match keys.verify(result["token"].as_str().unwrap_or_default()) {
            Ok(claims) => claims,
            Err(failure) => return self.problems.push(format!("its result token: {failure}")),
        };
        let credential = result["authCredential"].as_str().map(|text| chain::sha256(text.as_bytes()));
        let digests = |records: &Value| -> Vec<Value> {
            records.as_array().into_iter().flatten().map(|record| record["sealed_digest"].clone()).collect()
        };
        let sealed: Vec<&Value> =
            flow["sealRecords"].as_array().into_iter().flatten().map(|r| &r["sealedDigest"]).collect();
        for (name, claim, fact) in [
            ("sub", &claims["sub"], &flow["id"]),
            ("flow_no", &claims["flow_no"], &json!(self.lived.flow_no)),
            ("status", &claims["status"], &flow["status"]),
            ("failure_code", &claims["failure_code"], &flow["failure"]["code"]),
            ("evidence_digest", &claims["evidence_digest"], &result["evidenceDigest"]),
            ("auth_credential_sha256", &claims["auth_credential_sha256"], &json!(credential)),
            ("seal_records", &json!(digests(&claims["seal_records"])), &json!(sealed)),
        ] {
            self.hold(claim == fact, || format!("its token says {claim} for {name}, the flow {fact}"));
        }
    }

    /// How many messages more than were written reached the phone.
    fn doubled_messages(&mut self, flow: &Value, journal: &Journal) -> usize {
        let came = journal.messages_to(&self.lived.mobile);
        let records = flow["smsRecords"].as_array().map_or(&[][..], Vec::as_slice);
        self.hold(records.len() == 1, || format!("{} messages were written", records.len()));
        for id in &came {
            self.hold(records.iter().any(|record| record["id"] == *id), || format!("nobody wrote the message {id}"));
        }
        // A short session may be over before the gateway is well again.
        self.hold(!came.is_empty() || self.lived.tale == Tale::NeverComes, || "its SMS never came".into());
        came.len().saturating_sub(records.len())
    }

    /// The auth system took the amounts that were typed, and no challenge took more than it may.
    fn check_amounts(&mut self, journal: &Journal) {
        let taken = journal.amounts(&self.lived.flow_no);
        self.hold(taken.iter().all(|taken| *taken <= ENTRIES), || format!("challenges took {taken:?} amounts"));
        let typed = if let Tale::Pays { wrong } = self.lived.tale { wrong + 1 } else { 0 };
        let all: usize = taken.iter().sum();
        self.hold(all == typed, || format!("{typed} amounts were typed, the auth system took {taken:?}"));
    }

    async fn check_completion(&mut self, flow: &Value, by_executable: bool) -> Result<(), Failure> {
        let result = &flow["result"];
        self.hold(flow["authStatus"] == "PASSED", || format!("its auth is {}", flow["authStatus"]));
        self.hold(result["authCredential"].is_string(), || "it has no credential".into());
        let seals = flow["sealRecords"].as_array().map_or(&[][..], Vec::as_slice);
        self.hold(!seals.is_empty(), || "it has no documents".into());
        for (place, seal) in seals.iter().enumerate() {
            let sealed = seal["status"] == "SEALED" && seal["contentDigest"].is_string();
            self.hold(sealed, || format!("document {place} is {}", seal["status"]));
            let file = self.download(seal["downloadUrl"].as_str().unwrap_or_default()).await?;
            let digest = chain::sha256(&file);
            self.hold(seal["sealedDigest"] == *digest, || format!("document {place} is not the one that was sealed"));
            if by_executable {
                self.verify(&format!("{}-{place}.pdf", self.lived.flow_no), &file).await?;
            }
        }
        if by_executable {
            let token = result["token"].as_str().unwrap_or_default();
            self.verify(&format!("{}.jwt", self.lived.flow_no), token.as_bytes()).await?;
        }
        Ok(())
    }

    async fn download(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let path = url.find("/d/").map_or("/d/", |at| &url[at..]);
        Ok(self.world.ask(|client, server| client.get(format!("{server}{path}"))).await?.body)
    }

    async fn verify(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let file = self.servers.folder().join(name);
        std::fs::write(&file, bytes).map_err(|error| error.to_string())?;
        if let Err(failure) = self.servers.verify(&file).await {
            self.problems.push(failure);
        }
        Ok(())
    }

    /// The problems, with what is needed to understand them.
    fn told(self) -> Option<Failure> {
        if self.problems.is_empty() {
            return None;
        }
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let way = self.events.iter().map(|event| {
            format!("\n      {} {} -> {}", text(&event["occurredAt"]), text(&event["type"]), text(&event["toStatus"]))
        });
        let id = self.lived.flow_id.as_deref().unwrap_or("never accepted");
        let head = format!("{} ({id}, {:?}): {}", self.lived.flow_no, self.lived.tale, self.problems.join("; "));
        Some(head + &way.collect::<String>())
    }
}
