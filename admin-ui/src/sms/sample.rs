//! What the gallery shows of templates.

use esign_config::{Secret, SmsGateway, SmsGatewayKind};
use esign_domain::{
    selector::Selector,
    sms::{
        lint::{Problem, Rule},
        preview::Preview,
        segment,
        template::{GatewayTemplate, TemplateInput},
    },
    terms::{Scene, TemplateReview},
    words::Lang,
};

use super::{form::Choice, look::Look};
use crate::moment::Moment;

/// The id of a template.
pub const ID: &str = "smstpl_018f0000-0000-7000-8000-000000000012";
/// A text with a slip of the pen.
pub const BODY: &str = "{{ subjectName }}您好，{{ clientName }}请您签署会员结算协议，请于 {{ expireAt }} 前完成：\
    {{ publicUrl }}/s/{{ linkCode }} 如有疑问请联系客服，勿转发他人。";
const SAID: &str = "【云帆商户通】杭州清禾餐饮管理有限公司您好，上海云帆供应链请您签署会员结算协议，请于 {{ expireAt }} 前完成：\
    https://q.yunfan.cn/s/k7Qm2xR9tB 如有疑问请联系客服，勿转发他人。";

/// A time.
pub fn moment() -> Moment {
    Moment { short: "11-18 14:20".into(), full: "2026-11-18T14:20:00+08:00".into() }
}

/// Agreement types.
pub fn agreements() -> Vec<Choice> {
    let choice = |code: &str, name: &str| Choice { code: code.into(), name: name.into() };
    vec![choice("PAYMENT_AGENCY_MANDATE", "代付授权书"), choice("SETTLEMENT_MANDATE", "结算授权书")]
}

/// A template.
pub fn content() -> TemplateInput {
    let gateway_templates = vec![GatewayTemplate {
        gateway: "tencent".into(),
        code: "1860442".into(),
        review: TemplateReview::Pending,
        note: Some("11-17 提交".into()),
    }];
    TemplateInput {
        name: "会员结算签约邀请".into(),
        selector: Selector { scene: Some(Scene::MemberSettlement), ..Selector::default() },
        body: BODY.into(),
        sign_name: Some("云帆商户通".into()),
        gateway_templates,
    }
}

/// What is shown of its text.
pub fn look(wrong: bool) -> Look {
    let (body, said) = match wrong {
        true => (BODY.to_owned(), SAID.to_owned()),
        false => (BODY.replace("expireAt", "expiresAt"), SAID.replace("{{ expireAt }}", "11 月 25 日 18:00")),
    };
    let longest = said.replace("杭州清禾餐饮管理有限公司", &"国".repeat(100));
    let problem = |gateway: &str, rule, message: &str, blocking| Problem {
        gateway: gateway.into(),
        rule,
        message: message.into(),
        blocking,
    };
    let long = "subjectName can be 100 characters long, carriers take 35";
    let mut problems = vec![
        problem("aliyun", Rule::VariableTooLong, long, false),
        problem("tencent", Rule::VariableTooLong, long, false),
        problem("tencent", Rule::CodePending, "the carrier has not approved it yet", true),
    ];
    problems.truncate(if wrong { 3 } else { 0 });
    let preview = Preview {
        length: segment::length(&said),
        longest: segment::length(&longest),
        text: said,
        longest_text: longest,
        unknown_variables: if wrong { vec!["expireAt".into()] } else { Vec::new() },
        problems,
    };
    Look::of(&body, &preview, (&["aliyun".into(), "tencent".into()], "https://q.yunfan.cn"), Lang::Zh)
}

/// Gateways as the settings name them.
pub fn gateways() -> Vec<SmsGateway> {
    let gateway = |name: &str, kind| SmsGateway {
        name: name.into(),
        kind,
        url: String::new(),
        sign_name: String::new(),
        access_key: String::new(),
        secret: Secret::default(),
        region: String::new(),
        sdk_app_id: String::new(),
        receipt_secret: Secret::default(),
    };
    vec![gateway("tencent", SmsGatewayKind::Tencent), gateway("aliyun", SmsGatewayKind::Aliyun)]
}
