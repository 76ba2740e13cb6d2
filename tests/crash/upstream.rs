//! The platform as an upstream system sees it: tokens and GraphQL.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Failure, world::World};

/// Tokens are good for 15 minutes; long before that a new one is asked for.
const TOKEN_AGE: Duration = Duration::from_mins(8);

impl World {
    /// An access token.
    pub async fn access_token(&self) -> Result<String, Failure> {
        let known = self.token.lock().expect("no holder panics").clone();
        if let Some((asked, token)) = known
            && asked.elapsed() < TOKEN_AGE
        {
            return Ok(token);
        }
        let (id, secret) = &self.credentials;
        let answer = self
            .ask(|client, server| {
                let request = client.post(format!("{server}/oauth/token")).basic_auth(id, Some(secret));
                request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body("grant_type=client_credentials")
            })
            .await?;
        let token = answer.json()?["access_token"].as_str().map(str::to_owned);
        let token = token.ok_or_else(|| format!("no token: HTTP {} {}", answer.status, answer.text()))?;
        *self.token.lock().expect("no holder panics") = Some((Instant::now(), token.clone()));
        Ok(token)
    }

    /// GraphQL; gives the whole answer, errors and all, but asks again after an internal one, which says it may be.
    pub async fn graphql(&self, query: &str, variables: Value) -> Result<Value, Failure> {
        loop {
            let answer = self.graphql_once(query, variables.clone()).await?;
            if answer["errors"][0]["extensions"]["code"] != "INTERNAL" {
                return Ok(answer);
            }
            self.note(answer["errors"].to_string());
            self.pause().await?;
        }
    }

    async fn graphql_once(&self, query: &str, variables: Value) -> Result<Value, Failure> {
        let token = self.access_token().await?;
        let body = json!({"query": query, "variables": variables}).to_string();
        let answer = self
            .ask(|client, server| {
                let request = client.post(format!("{server}/graphql")).bearer_auth(&token);
                request.header("content-type", "application/json").body(body.clone())
            })
            .await?;
        answer.json()
    }

    /// GraphQL that must succeed; gives `data`.
    pub async fn data(&self, query: &str, variables: Value) -> Result<Value, Failure> {
        let mut answer = self.graphql(query, variables).await?;
        if answer["errors"].is_null() { Ok(answer["data"].take()) } else { Err(answer["errors"].to_string()) }
    }
}
