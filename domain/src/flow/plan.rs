//! What `startSignFlow` would do: the checks and choices that depend on today's catalogue, rules and settings.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    check::{self, Problems},
    input::StartSignFlow,
};
use crate::{
    App, Caller,
    agreement::{
        catalogue,
        entity::{agreement_template, agreement_type},
    },
    auth::{self, entity::auth_rule},
    caller::Operation,
    client::{Client, origin},
    error::{Error, Result},
    reference::{self, Agreement, Reference},
    sms::{entity::sms_template, message},
    terms::AuthType,
};

/// Everything that is decided before anything is written.
pub struct Plan {
    /// Whose flow it will be.
    pub client: Arc<Client>,
    /// The agreement type.
    pub agreement: Arc<agreement_type::Model>,
    /// Its current texts, in order.
    pub texts: Vec<Arc<agreement_template::Model>>,
    /// Rules that match, the winner first; never empty.
    pub rules: Vec<Arc<auth_rule::Model>>,
    /// SMS templates that match, the winner first; empty only with `on_missing_template: fail`.
    pub templates: Vec<Arc<sms_template::Model>>,
    /// The end of the session.
    pub expires_at: DateTime<Utc>,
}

/// The verb behind `planSignFlow`: same checks, same errors, nothing written; also the text with a placeholder code.
pub async fn plan(app: &App, caller: &Caller, input: &StartSignFlow) -> Result<(Plan, String)> {
    caller.require(Operation::PlanSignFlow)?;
    check::shape(input)?;
    let plan = make(app, &*reference::current(app).await?, caller, input)?;
    super::start::superseded(app, caller, input).await?;
    let text = plan.template().map_or_else(String::new, |template| {
        let names = (plan.client.name.as_str(), plan.agreement.name.as_str());
        message::text(template, &message::variables(app, input, names, plan.expires_at, message::PLACEHOLDER_CODE))
    });
    Ok((plan, text))
}

/// Decides, or says what stands in the way.
pub(super) fn make(app: &App, reference: &Reference, caller: &Caller, input: &StartSignFlow) -> Result<Plan> {
    let client = calling_client(reference, caller)?;
    let question = input.question();
    let Agreement { kind: agreement, texts } = catalogue::for_flow(reference, &question)?.clone();
    let rules = auth::rule::resolve(reference, &question)?;
    let expires_at = meaning(app, &client, input, &texts, rules[0].auth_type)?;
    let templates = reference.sms_templates.best_first(&question);
    if templates.is_empty() && app.settings.sms.on_missing_template == esign_config::OnMissingTemplate::Reject {
        return Err(Error::SmsTemplateNotFound(Box::new(question)));
    }
    Ok(Plan { client, agreement, texts, rules, templates, expires_at })
}

/// The client that calls; only clients start flows.
pub(super) fn calling_client(reference: &Reference, caller: &Caller) -> Result<Arc<Client>> {
    let id = caller.tenant().ok_or(Error::Forbidden)?;
    let client = reference.client(id).filter(|client| client.enabled);
    client.cloned().ok_or(Error::Unauthenticated)
}

/// The checks of meaning, all problems together; gives the end of the session.
fn meaning(
    app: &App,
    client: &Client,
    input: &StartSignFlow,
    texts: &[Arc<agreement_template::Model>],
    auth_type: AuthType,
) -> Result<DateTime<Utc>> {
    let mut problems = Problems::default();
    let limits = &app.settings.flow;
    let seconds = input.expires_in_seconds.or(client.settings.session_seconds).unwrap_or(limits.session_seconds);
    problems.unless(
        (limits.session_min_seconds..=limits.session_max_seconds).contains(&seconds),
        "expiresInSeconds",
        &format!("{} to {}", limits.session_min_seconds, limits.session_max_seconds),
    );
    problems.unless(
        auth_type != AuthType::PaymentVerification || input.subject.bank_account.is_some(),
        "subject.bankAccount",
        "needed for PAYMENT_VERIFICATION",
    );
    if let Some(url) = &input.return_url {
        problems.unless(
            origin::may_return_to(client, url, app.settings.profile),
            "returnUrl",
            "https, and on the client's list of allowed origins",
        );
    }
    let given = input.variables();
    let wanted: std::collections::BTreeSet<String> = texts.iter().flat_map(|text| text.variable_names()).collect();
    for name in &wanted {
        problems.unless(given.contains_key(name), &format!("agreementVariables.{name}"), "missing");
    }
    for name in given.keys() {
        problems.unless(wanted.contains(name), &format!("agreementVariables.{name}"), "unknown to this agreement");
    }
    problems.into_result()?;
    Ok(app.now() + TimeDelta::seconds(seconds))
}

impl Plan {
    /// The auth type that was decided.
    pub fn auth_type(&self) -> AuthType {
        self.rules[0].auth_type
    }

    /// The SMS template that won; none only with `on_missing_template: fail`.
    pub fn template(&self) -> Option<&sms_template::Model> {
        self.templates.first().map(Arc::as_ref)
    }

    /// The decision as it is kept with the flow: the entries that won, their versions, and those they beat.
    pub fn decision(&self) -> Value {
        let rule = &self.rules[0];
        let beaten_rules =
            self.rules[1..].iter().map(|r| json!({"id": r.id, "version": r.version, "selector": r.selector}));
        let beaten_templates =
            self.templates.iter().skip(1).map(|t| json!({"id": t.id, "version": t.version, "selector": t.selector}));
        json!({
            "authRuleId": rule.id,
            "authRuleVersion": rule.version,
            "authRuleSelector": rule.selector,
            "authRulesBeaten": beaten_rules.collect::<Vec<_>>(),
            "smsTemplateId": self.template().map(|t| t.id),
            "smsTemplateVersion": self.template().map(|t| t.version),
            "smsTemplateSelector": self.template().map(|t| t.selector.clone()),
            "smsTemplatesBeaten": beaten_templates.collect::<Vec<_>>(),
        })
    }
}
