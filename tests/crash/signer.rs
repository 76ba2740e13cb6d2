//! A signer: looks at the page, does what it offers, and looks again. Whoever gets no answer sends the same form again.

use std::collections::HashSet;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::{
    Failure,
    dice::Dice,
    tale::{Lived, Tale},
    world::{Answer, World},
};

const START: &str = "mutation($input: StartSignFlowInput!) {
  startSignFlow(input: $input) { replayed flow { id session { url } } } }";
const CANCEL: &str = "mutation($input: CancelSignFlowInput!) { cancelSignFlow(input: $input) { flow { status } } }";
const STATUS: &str = "query($id: ID!) { signFlow(id: $id) { status } }";

/// A quick hand.
const STROKES: &str = "[[[20,60],[60,20],[100,80],[150,30]],[[40,90],[160,95]]]";

/// What the seed has in store for a flow: its tale, its number, and what it is started with.
pub fn drawn(seed: u64, number: usize) -> (Tale, String, Value) {
    let tale = Tale::of(number);
    let flow_no = format!("CRASH-{seed}-{number}");
    let input = tale.input(&flow_no, &mut Dice::of(seed, number as u64));
    (tale, flow_no, input)
}

/// Lives the tale of one flow to its end.
pub async fn live(world: std::sync::Arc<World>, seed: u64, number: usize) -> Lived {
    let (tale, flow_no, input) = drawn(seed, number);
    let mobile = input["subject"]["mobile"].as_str().unwrap_or_default().to_owned();
    let mut lived = Lived { tale, flow_no, mobile, flow_id: None, trouble: None };
    if let Err(failure) = walk(&world, &mut lived, input).await {
        lived.trouble = Some(failure);
    }
    lived
}

async fn walk(world: &World, lived: &mut Lived, input: Value) -> Result<(), Failure> {
    let started = world.data(START, json!({"input": input})).await?;
    let flow = &started["startSignFlow"]["flow"];
    let id = flow["id"].as_str().ok_or("the flow has no id")?.to_owned();
    lived.flow_id = Some(id.clone());
    world.count_act();
    if lived.tale == Tale::NeverComes {
        return until_over(world, &id).await;
    }
    let base = link(world, &lived.mobile).await?;
    if !flow["session"]["url"].as_str().is_some_and(|url| url.ends_with(&base)) {
        return Err(format!("the SMS leads to {base}, the API to {}", flow["session"]["url"]));
    }
    let mut signer = Signer { world, lived, base, wrong: 0, failed: 0, seen: HashSet::new() };
    signer.go().await
}

/// `/s/{code}`, as the message has it.
async fn link(world: &World, mobile: &str) -> Result<String, Failure> {
    loop {
        let messages = world.ask_outside(|client, at| client.get(format!("{at}/sandbox/sms?mobile={mobile}"))).await?;
        if let Some(text) = messages.json()?[0]["text"].as_str() {
            let link = text.split_whitespace().find_map(|word| word.find("/s/").map(|at| word[at..].to_owned()));
            return link.ok_or_else(|| format!("no link in {text}"));
        }
        world.pause().await?;
    }
}

async fn until_over(world: &World, id: &str) -> Result<(), Failure> {
    loop {
        let flow = world.data(STATUS, json!({"id": id})).await?;
        if matches!(flow["signFlow"]["status"].as_str(), Some("COMPLETED" | "FAILED" | "TIMED_OUT" | "CANCELLED")) {
            return Ok(());
        }
        world.pause().await?;
    }
}

struct Signer<'a> {
    world: &'a World,
    lived: &'a Lived,
    base: String,
    wrong: usize,
    failed: usize,
    /// Challenges that were answered on the auth system's own page.
    seen: HashSet<String>,
}

impl Signer<'_> {
    async fn go(&mut self) -> Result<(), Failure> {
        loop {
            let page = self.get("").await?;
            if page.status != 200 {
                return Err(format!("the link answers HTTP {}", page.status));
            }
            let page = page.text();
            match between(&page, "data-step=\"", "\"") {
                "read" => self.read(&page).await?,
                "sign" if self.lived.tale == Tale::Declines => self.decline(&page).await?,
                "sign" if self.lived.tale == Tale::IsCancelled => self.cancel().await?,
                "sign" => self.sign(&page).await?,
                "auth-payment" if self.offers(&page, "amount") => self.pay(&page).await?,
                "auth-face" if page.contains(&format!("href=\"{}/face\"", self.base)) => self.show_face().await?,
                "auth-face" if self.offers(&page, "face") => self.start_face(&page).await?,
                "auth-face" | "auth-payment" | "wait" if self.offers(&page, "authentication") => {
                    self.post("authentication", &[("submission", submission(&page))]).await?;
                }
                "done" | "failed" | "timed-out" | "cancelled" => return Ok(()),
                "wait" | "auth-payment" | "auth-face" => self.world.pause().await?,
                step => return Err(format!("nobody knows what to do at '{step}'")),
            }
        }
    }

    fn offers(&self, page: &str, act: &str) -> bool {
        page.contains(&format!("action=\"{}/{act}\"", self.base))
    }

    async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.world.ask(|client, server| client.get(format!("{server}{}{path}", self.base))).await
    }

    /// Sends a form until it is answered, and counts the act unless the page has something to say against it.
    async fn post(&self, act: &str, form: &[(&str, &str)]) -> Result<Option<String>, Failure> {
        let answer =
            self.world.ask(|client, server| posted(client, &format!("{server}{}/{act}", self.base), form)).await?;
        if answer.status != 303 {
            return Err(format!("{act}: HTTP {}", answer.status));
        }
        if answer.notice.is_none() {
            self.world.count_act();
        }
        Ok(answer.notice)
    }

    /// The same, for acts against which nothing can be said.
    async fn must(&self, act: &str, form: &[(&str, &str)]) -> Result<(), Failure> {
        match self.post(act, form).await? {
            None => Ok(()),
            Some(notice) => Err(format!("{act} was answered with the notice '{notice}'")),
        }
    }

    async fn read(&self, page: &str) -> Result<(), Failure> {
        let documents: Vec<Value> = page
            .split("<section class=\"document\"")
            .skip(1)
            .filter(|section| !between(section, "<", ">").contains("data-read"))
            .map(|section| {
                json!({
                    "number": between(section, "data-document=\"", "\"").parse::<i32>().unwrap_or_default(),
                    "submission": between(section, "data-submission=\"", "\""),
                    "seconds": 2,
                    "pages": section.matches("data-leaf=").count(),
                    "reachedEnd": true,
                })
            })
            .collect();
        let report = json!({"documents": documents}).to_string();
        // It may be too early for the least time of reading; then the page says so, and is read again.
        self.post("reading", &[("reading", &report)]).await?;
        self.world.pause().await
    }

    async fn sign(&self, page: &str) -> Result<(), Failure> {
        let form = [("submission", submission(page)), ("consent", "yes"), ("strokes", STROKES)];
        self.must("signature", &form).await
    }

    async fn decline(&self, page: &str) -> Result<(), Failure> {
        let form = [("submission", submission(page)), ("reason", "content"), ("confirmed", "yes")];
        self.must("refusal", &form).await
    }

    async fn cancel(&self) -> Result<(), Failure> {
        let id = self.lived.flow_id.clone().unwrap_or_default();
        let input = json!({"input": {"flowId": id, "reason": "the order was withdrawn"}});
        let answer = self.world.graphql(CANCEL, input).await?;
        let error = &answer["errors"][0]["extensions"];
        // The reply to the first call may have been lost: then the second finds it done.
        let done = error.is_null() || (error["code"] == "STATE_CONFLICT" && error["status"] == "CANCELLED");
        self.world.count_act();
        if done { Ok(()) } else { Err(answer["errors"].to_string()) }
    }

    async fn pay(&mut self, page: &str) -> Result<(), Failure> {
        let Some(right) = self.transferred().await? else { return self.world.pause().await };
        let Tale::Pays { wrong } = self.lived.tale else { return Err("nobody asked for a payment".into()) };
        let fen = if self.wrong < wrong { right % 99 + 1 } else { right };
        self.must("amount", &[("submission", submission(page)), ("amount", &format!("0.{fen:02}"))]).await?;
        self.wrong += usize::from(fen != right);
        Ok(())
    }

    /// What was transferred, in fen; none: no challenge waits for an amount any more.
    async fn transferred(&self) -> Result<Option<u64>, Failure> {
        let path = format!("/sandbox/auth-system/challenges?flowNo={}", self.lived.flow_no);
        let challenges = self.world.ask_outside(|client, at| client.get(format!("{at}{path}"))).await?.json()?;
        let waiting = challenges.as_array().into_iter().flatten().find(|challenge| challenge["status"] == "PENDING");
        Ok(waiting.and_then(|challenge| challenge["amount"].as_u64()))
    }

    async fn start_face(&self, page: &str) -> Result<(), Failure> {
        self.must("face", &[("submission", submission(page)), ("consent", "yes")]).await
    }

    /// Goes to the auth system's own page, once a challenge, and comes back.
    async fn show_face(&mut self) -> Result<(), Failure> {
        let there = self.get("/face").await?.location;
        let Some(path) = there.find("/sandbox/").map(|at| there[at..].to_owned()) else {
            return self.world.pause().await;
        };
        if !self.seen.insert(path.clone()) {
            return self.world.pause().await;
        }
        let Tale::ShowsFace { failed } = self.lived.tale else { return Err("nobody asked for a face".into()) };
        let act = if self.failed < failed { "fail" } else { "pass" };
        self.failed += usize::from(act == "fail");
        self.world.ask_outside(|client, at| posted(client, &format!("{at}{path}"), &[("act", act)])).await?;
        self.world.count_act();
        Ok(())
    }
}

fn posted(client: &Client, url: &str, form: &[(&str, &str)]) -> RequestBuilder {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    client.post(url).header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn submission(page: &str) -> &str {
    between(page, "name=\"submission\" value=\"", "\"")
}

/// What stands between two marks, the first time; empty where they don't.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or("", |(found, _)| found)
}
