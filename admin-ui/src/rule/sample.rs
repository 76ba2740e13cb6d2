//! Rules and agreements to draw the pages from. What they decide is decided by the domain.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    decision::{
        impact::{self, Change},
        overview::Overview,
    },
    ids::AuthRuleId,
    reference::Agreement,
    selector::{Choices, Selector},
    sms::entity::sms_template,
    terms::{AuthType, Scene, SubjectType, TemplateStatus},
};
use esign_web::language::Language;
use serde_json::json;

use super::view::{Names, Viewer};

/// Everything the pages show.
pub struct World {
    /// All rules, most specific first.
    pub rules: Vec<auth_rule::Model>,
    /// The agreement types.
    pub agreements: Vec<Agreement>,
    choices: Choices<auth_rule::Model>,
    overview: Overview,
}

impl World {
    /// Rules of every standing.
    pub fn full() -> Self {
        Self::of(rules())
    }

    /// No rules at all.
    pub fn empty() -> Self {
        Self::of(Vec::new())
    }

    fn of(rules: Vec<auth_rule::Model>) -> Self {
        let agreements = agreements();
        let choices = Choices::new(rules.clone());
        let overview = Overview::of(&agreements, &choices, &Choices::new(templates()));
        Self { rules, agreements, choices, overview }
    }

    /// What the pages look through.
    pub fn viewer<'a>(&'a self, names: &'a Names) -> Viewer<'a> {
        Viewer {
            rules: &self.rules,
            names,
            overview: &self.overview,
            choices: &self.choices,
            agreements: &self.agreements,
            reader: (Language::Chinese, now()),
        }
    }

    /// What would change if a new rule filled the holes.
    pub fn with_new(&self) -> Vec<Change<auth_rule::Model>> {
        let draft = (Some(Scene::MemberSettlement), Some(SubjectType::Individual), None);
        self.changes((None, Some(rule(0, draft, AuthType::FaceVerification))))
    }

    /// What would change if this rule decided otherwise.
    pub fn with_other(&self, old: &auth_rule::Model) -> Vec<Change<auth_rule::Model>> {
        let then = auth_rule::Model { auth_type: AuthType::FaceVerification, ..old.clone() };
        self.changes((Some(old.id), Some(then)))
    }

    /// What would change if this rule went.
    pub fn without(&self, old: &auth_rule::Model) -> Vec<Change<auth_rule::Model>> {
        self.changes((Some(old.id), None))
    }

    fn changes(&self, plan: (Option<AuthRuleId>, Option<auth_rule::Model>)) -> Vec<Change<auth_rule::Model>> {
        impact::of(&self.overview.cells, &self.choices, plan, |rule| rule.auth_type).expect("no selector is taken")
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T06:20:31Z".parse().expect("a time")
}

type Dimensions<'a> = (Option<Scene>, Option<SubjectType>, Option<&'a str>);

fn rule(number: i32, (scene, subject_type, code): Dimensions<'_>, auth_type: AuthType) -> auth_rule::Model {
    let selector = Selector { scene, subject_type, agreement_type: code.map(ToOwned::to_owned) };
    let made = now() - TimeDelta::days(40) + TimeDelta::days(number.into());
    auth_rule::Model {
        id: format!("rule_018f0000-0000-7000-8000-{number:012}").parse().expect("an id"),
        number,
        selector: selector.key(),
        scene,
        subject_type,
        agreement_type: selector.agreement_type,
        auth_type,
        enabled: true,
        note: None,
        version: 2,
        updated_by: Some("staff:zhou.lan".into()),
        created_at: made,
        updated_at: made,
    }
}

fn rules() -> Vec<auth_rule::Model> {
    use AuthType::{FaceVerification as Face, PaymentVerification as Pay};
    use Scene::{BatchPayment as Batch, Collection, MemberSettlement as Member};
    use SubjectType::{Corporate, Individual};
    let note = |text: &str, rule| auth_rule::Model { note: Some(text.into()), ..rule };
    let off = auth_rule::Model { enabled: false, ..rule(9, (None, None, Some("SETTLEMENT_MANDATE")), Face) };
    vec![
        note(
            "试点两周\n<script>alert(1)</script>",
            rule(8, (Some(Member), Some(Individual), Some("SETTLEMENT_MANDATE")), Face),
        ),
        rule(7, (Some(Collection), Some(Corporate), Some("PAYMENT_AGENCY_MANDATE")), Pay),
        rule(6, (Some(Member), Some(Corporate), None), Pay),
        rule(5, (Some(Batch), Some(Individual), None), Face),
        rule(4, (Some(Batch), Some(Corporate), None), Pay),
        off,
        rule(3, (Some(Batch), None, None), Pay),
        rule(2, (Some(Collection), None, None), Face),
    ]
}

fn agreements() -> Vec<Agreement> {
    use Scene::{BatchPayment as Batch, Collection, MemberSettlement as Member};
    let all = [
        ("PAYMENT_AGENCY_AGREEMENT", "代付授权协议", &[Batch, Member][..]),
        ("SETTLEMENT_MANDATE", "结算授权委托书", &[Collection, Member]),
        ("PAYMENT_AGENCY_MANDATE", "代付授权书", &[Collection, Batch, Member]),
    ];
    all.into_iter().enumerate().map(|(place, (code, name, scenes))| agreement(place, code, name, scenes)).collect()
}

fn agreement(place: usize, code: &str, name: &str, scenes: &[Scene]) -> Agreement {
    let id = format!("agr_018f0000-0000-7000-8000-{place:012}");
    let kind = agreement_type::Model {
        id: id.parse().expect("an id"),
        code: code.into(),
        name: name.into(),
        scenes: json!(scenes),
        subject_types: json!(SubjectType::ALL),
        enabled: true,
        version: 1,
        created_at: now(),
        updated_at: now(),
    };
    let text = agreement_template::Model {
        id: id.replacen("agr_", "agrtpl_", 1).parse().expect("an id"),
        agreement_type_id: kind.id,
        document_name: name.into(),
        position: 1,
        version: 1,
        source: String::new(),
        variables: json!([]),
        published_at: now(),
        published_by: None,
    };
    Agreement { kind: Arc::new(kind), texts: vec![Arc::new(text)] }
}

fn templates() -> Vec<sms_template::Model> {
    let template = |number: u64, scene: Scene, name: &str| sms_template::Model {
        id: format!("smstpl_018f0000-0000-7000-8000-{number:012}").parse().expect("an id"),
        name: name.into(),
        scene: Some(scene),
        subject_type: None,
        agreement_type: None,
        selector: format!("{scene}|*|*"),
        body: String::new(),
        sign_name: None,
        gateway_templates: json!([]),
        status: TemplateStatus::Enabled,
        version: 1,
        updated_by: None,
        created_at: now(),
        updated_at: now(),
    };
    vec![
        template(1, Scene::Collection, "归集签约通知"),
        template(2, Scene::MemberSettlement, "会员结算签约提醒（通用）"),
    ]
}
