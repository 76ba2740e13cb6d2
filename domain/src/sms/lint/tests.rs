use std::collections::BTreeSet;

use esign_config::from_sources;
use proptest::prelude::*;

use super::*;
use crate::{selector::Selector, sms::sample, words::Lang};

const LINK: &str = "{{ publicUrl }}/s/{{ linkCode }}";

fn settings() -> Settings {
    from_sources(Settings::shipped(Profile::Sandbox)).unwrap()
}

fn values(settings: &Settings) -> Values {
    sample::values(settings, &Selector::default(), None)
}

/// The rules that a text breaks at the sandbox's gateway, those that block with a `!`.
fn broken(body: &str) -> Vec<String> {
    let settings = settings();
    let text = Text { body, sign_name: None, gateway_templates: None };
    told(&lint(&settings, &text, &values(&settings)))
}

fn told(problems: &[Problem]) -> Vec<String> {
    let mark = |problem: &Problem| format!("{}{}", problem.rule.as_str(), if problem.blocking { "!" } else { "" });
    problems.iter().map(mark).collect()
}

fn entry(gateway: &str, review: TemplateReview) -> GatewayTemplate {
    GatewayTemplate { gateway: gateway.into(), code: "SMS_1".into(), review, note: None }
}

#[test]
fn each_rule_of_texts_with_what_breaks_it_and_what_does_not() {
    let fine = [
        "请打开 {{ publicUrl }}/s/{{ linkCode }} 签字。",
        "请打开{{publicUrl}}/s/{{linkCode}}",
        "请于 {{ expiresAt }} 前打开:{{ publicUrl }}/s/{{ linkCode }} 签字，谢谢 (张) 3.5 v1.2 A&B",
        "{{ sceneName }}，{{ expiresAt }}；{{ publicUrl }}/s/{{ linkCode }} 。",
        "{{ sceneName }} {{ publicUrl }}/s/{{ linkCode }}",
    ];
    for body in fine {
        assert_eq!(broken(body), [""; 0], "{body}");
    }
    let long = |count: usize| format!("{} {LINK}", "签".repeat(count));
    let whole = units(&render(LINK, &values(&settings()).sample)) + 1;
    let rows: Vec<(String, &[&str])> = vec![
        (format!("{{{{ sceneName }}}}{{{{ expiresAt }}}} {LINK}"), &["variables_side_by_side!"]),
        (format!("{{{{ sceneName }}}} {{{{ expiresAt }}}}前 {LINK}"), &["variables_side_by_side"]),
        (format!("{LINK} {{{{ expiresAt }}}}"), &["variables_side_by_side"]),
        (format!("{{{{ sceneName }}}}于{{{{ expiresAt }}}}前 {LINK}"), &[]),
        (format!("{{{{ clientName }}}}请您 {LINK}"), &["variable_too_long"]),
        (
            format!("{{{{ agreementName }}}}、{{{{ subjectName }}}}： {LINK}"),
            &["variable_too_long", "variable_too_long"],
        ),
        ("没有链接".into(), &["no_constant_link!"]),
        (String::new(), &["no_constant_link!"]),
        ("{{ publicUrl }}/s/{{ expiresAt }}".into(), &["link_in_variable!", "no_constant_link!"]),
        ("{{ publicUrl }}/S/{{ linkCode }}".into(), &["link_in_variable!", "no_constant_link!"]),
        ("https://a.cn/s/{{ linkCode }}".into(), &["link_in_variable!", "no_constant_link!"]),
        ("{{ publicUrl }} /s/{{ linkCode }}".into(), &["other_link!", "link_in_variable!", "no_constant_link!"]),
        (format!("{LINK} 或 {LINK}"), &["link_repeated!"]),
        (format!("{LINK}。"), &["link_not_apart!"]),
        (format!("{LINK}，请"), &["link_not_apart!"]),
        (format!("{LINK}/more"), &["link_not_apart!"]),
        (format!("{LINK}\n请"), &["link_not_apart!"]),
        (format!("x{LINK}"), &["link_not_apart!"]),
        (format!("{{{{ sceneName }}}}{LINK}"), &["link_not_apart!", "link_in_variable!"]),
        (format!("{LINK}{{{{ sceneName }}}}"), &["link_not_apart!", "link_in_variable!", "variables_side_by_side!"]),
        (format!("https://{{{{ sceneName }}}}.cn {LINK}"), &["link_in_variable!"]),
        (format!("{{{{ sceneName }}}}://a.cn {LINK}"), &["link_in_variable!"]),
        (format!("a.{{{{ sceneName }}}} {LINK}"), &["link_in_variable!"]),
        (format!("{{{{ sceneName }}}}.com {LINK}"), &["link_in_variable!"]),
        (format!("t.cn/{{{{ linkCode }}}} {LINK}"), &["link_in_variable!"]),
        (format!("/{{{{ sceneName }}}} {LINK}"), &["link_in_variable!"]),
        (format!("{{{{ publicUrl }}}} 或 {LINK}"), &["other_link!"]),
        (format!("http://sign.example/ {LINK}"), &["other_link!"]),
        (format!("WWW.Example.COM {LINK}"), &["other_link!"]),
        (format!("见t.cn/abc。{LINK}"), &["other_link!"]),
        (format!("127.0.0.1 {LINK}"), &["other_link!"]),
        (format!("退订回T 3.14 {LINK}"), &[]),
        (long(TEXT - whole), &[]),
        (long(TEXT - whole + 1), &["too_long!"]),
        (
            format!("{{{{ agreementName }}}}{} {LINK}", "签".repeat(TEXT - whole - 199)),
            &["variable_too_long", "too_long"],
        ),
        (format!("发票已开 {LINK}"), &["banned_word"]),
        (format!("发{{{{ sceneName }}}}票 {LINK}"), &[]),
        (format!("【云帆】请 {LINK}"), &["sign_in_body!"]),
        (format!("{LINK} 】"), &["sign_in_body!"]),
        (format!("{LINK} 「云帆」[云帆]"), &[]),
        (format!("{LINK} {{{{ sceneName"), &["open_braces!"]),
        (format!("{LINK} sceneName }}}}"), &["open_braces!"]),
        (format!("{LINK} 于{{{{ {{{{ sceneName }}}}"), &["open_braces!"]),
        (format!("{LINK} {{ sceneName }}"), &[]),
    ];
    for (body, expected) in rows {
        assert_eq!(broken(&body), expected, "{body}");
    }
}

#[test]
fn the_sign_name_counts_and_a_sample_that_is_too_long_blocks() {
    let settings = settings();
    let mut values = values(&settings);
    let whole = units(&render(LINK, &values.sample)) + 1;
    let body = format!("{} {LINK}", "签".repeat(TEXT - whole - 4));
    for (sign_name, expected) in [("云帆", &[][..]), ("云帆商", &["too_long!"])] {
        let text = Text { body: &body, sign_name: Some(sign_name), gateway_templates: None };
        assert_eq!(told(&lint(&settings, &text, &values)), expected, "{sign_name}");
    }
    let body = format!("{{{{ agreementName }}}} {LINK}");
    for (length, expected) in [(35, "variable_too_long"), (36, "variable_too_long!")] {
        values.sample.insert("agreementName".into(), "国".repeat(length));
        let text = Text { body: &body, sign_name: None, gateway_templates: None };
        assert_eq!(told(&lint(&settings, &text, &values))[0], expected, "{length}");
    }
}

#[test]
fn production_wants_https() {
    let mut settings = settings();
    let text = Text { body: LINK, sign_name: None, gateway_templates: None };
    for (profile, url, expected) in [
        (Profile::Sandbox, "http://sign.example", &[][..]),
        (Profile::Production, "http://sign.example", &["plain_http!"]),
        (Profile::Production, "https://sign.example", &[]),
    ] {
        settings.profile = profile;
        settings.server.public_url = url.into();
        assert_eq!(told(&lint(&settings, &text, &values(&settings))), expected, "{url}");
    }
}

#[test]
fn each_gateway_has_its_own_problems() {
    let mut settings = settings();
    let second = SmsGateway { name: "second".into(), ..settings.sms.gateways[0].clone() };
    settings.sms.gateways.push(second);
    let first = settings.sms.gateways[0].name.clone();
    let values = values(&settings);
    let at = |body: &str, entries: &[GatewayTemplate]| {
        let text = Text { body, sign_name: None, gateway_templates: Some(entries) };
        let problems = lint(&settings, &text, &values);
        let problems: Vec<_> =
            problems.iter().map(|problem| format!("{} {}", problem.gateway, problem.rule.as_str())).collect();
        let obstacles = obstacles(&settings, &text, &values);
        (problems, obstacles.into_iter().map(|obstacle| obstacle.path).collect::<Vec<_>>())
    };
    let (pending, rejected) = (TemplateReview::Pending, TemplateReview::Rejected);
    let all = |entries: &[GatewayTemplate]| at(LINK, entries);
    assert_eq!(all(&[]), (vec![], vec![]), "gateways that know no codes need none");
    assert_eq!(all(&[entry(&first, TemplateReview::Approved)]), (vec![], vec![]));
    assert_eq!(all(&[entry(&first, pending)]), (vec![format!("{first} code_pending")], vec![]), "the other sends it");
    let neither = [entry(&first, pending), entry("second", rejected)];
    let found = vec![format!("{first} code_pending"), "second code_rejected".to_owned()];
    assert_eq!(all(&neither), (found, vec!["gatewayTemplates".to_owned()]));
    let (found, obstacles) = at("{{ nobody }}", &[]);
    assert_eq!(found, [format!("{first} no_constant_link"), "second no_constant_link".to_owned()]);
    assert_eq!(obstacles, ["body", "body"], "the unknown name, and the missing link once");
}

#[test]
fn a_gateway_that_goes_by_codes_needs_one_that_is_approved() {
    use TemplateReview::{Approved, Pending, Rejected};
    for (review, needs_code, expected) in [
        (None, false, None),
        (None, true, Some(Rule::CodeMissing)),
        (Some(Pending), false, Some(Rule::CodePending)),
        (Some(Pending), true, Some(Rule::CodePending)),
        (Some(Rejected), false, Some(Rule::CodeRejected)),
        (Some(Rejected), true, Some(Rule::CodeRejected)),
        (Some(Approved), false, None),
        (Some(Approved), true, None),
    ] {
        let found = of_review(review, needs_code);
        assert_eq!(found.as_ref().map(|found| found.rule), expected, "{review:?} {needs_code}");
        assert!(found.is_none_or(|found| found.blocking && Lang::Zh.problem(&found.message) != found.message));
    }
    assert!(!needs_code(&settings().sms.gateways[0]), "the generic contract takes whole texts");
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
}

/// Everything these texts are told, and what no text of theirs is told, in Chinese.
#[test]
fn every_message_has_its_chinese() {
    let mut settings = settings();
    settings.profile = Profile::Production;
    let values = values(&settings);
    let long = "签".repeat(TEXT);
    let bodies = [
        "{{ a }}{{ b }}【】 t.cn {{ }} }} ",
        "https://{{ sceneName }} 发票",
        &format!("{LINK}{LINK}{{{{ agreementName }}}}"),
        &long,
        &format!("{} {{{{ agreementName }}}} ", &long[..900]),
    ];
    let mut seen = BTreeSet::new();
    for body in bodies {
        for review in [TemplateReview::Pending, TemplateReview::Rejected] {
            let entries = [entry(&settings.sms.gateways[0].name, review)];
            let text = Text { body, sign_name: None, gateway_templates: Some(&entries) };
            for problem in lint(&settings, &text, &values) {
                seen.insert(problem.rule.as_str());
                let chinese = Lang::Zh.problem(&problem.message);
                assert!(chinese != problem.message && !chinese.contains("须在"), "{}: {chinese}", problem.message);
            }
            for obstacle in obstacles(&settings, &text, &values) {
                let chinese = Lang::Zh.problem(&obstacle.problem);
                assert!(chinese != obstacle.problem && !chinese.contains("须在"), "{}: {chinese}", obstacle.problem);
            }
        }
    }
    // No gateway of today needs a code; its message is among the translations all the same.
    let missing = Rule::ALL.iter().map(|rule| rule.as_str()).filter(|rule| !seen.contains(rule)).collect::<Vec<_>>();
    assert_eq!(missing, ["code_missing"]);
}

proptest! {
    /// Whatever is typed is judged, and a text that is told nothing has the link once.
    #[test]
    fn any_text_can_be_judged(parts in proptest::collection::vec(prop_oneof![
        Just(LINK.to_owned()), Just("{{ sceneName }}".to_owned()), Just(" ".to_owned()), "[a-z./:签{}]{0,6}",
    ], 0..8)) {
        let body = parts.concat();
        if broken(&body).is_empty() {
            prop_assert_eq!(body.matches(LINK).count(), 1, "{}", body);
        }
    }
}
