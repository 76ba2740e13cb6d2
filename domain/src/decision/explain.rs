//! Why a flow got what it got, in words: from what was kept with it at its start.

use serde_json::Value;

use crate::{
    selector::{Selector, Shape},
    words::{Lang, filled},
};

/// The winners with version and selector (`scene|subjectType|agreementType`, `*` for any), and for each of those they
/// beat the reason: more fixed dimensions, or which dimension counted over which.
pub fn explain(decision: &Value, lang: Lang) -> String {
    let parts = [("authRule", "authRulesBeaten"), ("smsTemplate", "smsTemplatesBeaten")];
    parts.map(|(kind, beaten)| choice(decision, lang, kind, beaten)).join(lang.say("explain.then"))
}

/// Why one selector goes before another that matches the same question, which is called `name`.
pub fn why(lang: Lang, winner: &Selector, loser: &Selector, name: &str) -> String {
    reason(lang, Some(winner.shape()), Some(loser.shape()), name)
}

fn choice(decision: &Value, lang: Lang, kind: &str, beaten: &str) -> String {
    let kept = |what: &str| &decision[&format!("{kind}{what}")];
    let opening = format!("{}{}", lang.say(&format!("explain.{kind}")), lang.say("colon"));
    if kept("Id").is_null() {
        return format!("{opening}{}", lang.say("explain.none"));
    }
    let winner = named(kept("Id"), kept("Version"), kept("Selector"));
    let others = decision[beaten].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut reasons: Vec<_> = others
        .iter()
        .map(|other| {
            let loser = named(&other["id"], &other["version"], &other["selector"]);
            reason(lang, shape(kept("Selector")), shape(&other["selector"]), &loser)
        })
        .collect();
    if reasons.is_empty() {
        reasons.push(lang.say("explain.only").to_owned());
    }
    format!("{opening}{winner}{}{}", lang.say("explain.and"), reasons.join(lang.say("explain.and")))
}

/// `rule_x v2 (COLLECTION|*|*)`
fn named(id: &Value, version: &Value, selector: &Value) -> String {
    format!("{} v{version} ({})", id.as_str().unwrap_or("?"), selector.as_str().unwrap_or("?"))
}

fn shape(selector: &Value) -> Option<Shape> {
    Shape::of_key(selector.as_str()?)
}

/// Why one shape goes before another.
fn reason(lang: Lang, winner: Option<Shape>, loser: Option<Shape>, name: &str) -> String {
    let (Some(winner), Some(loser)) = (winner, loser) else { return filled(lang.say("explain.specific"), &[name]) };
    if winner.fixed() > loser.fixed() {
        return filled(lang.say("explain.more"), &[name]);
    }
    match (alone(winner, loser), alone(loser, winner)) {
        (Some(counted), Some(over)) => filled(lang.say("explain.over"), &[lang.say(counted), lang.say(over), name]),
        _ => filled(lang.say("explain.specific"), &[name]),
    }
}

/// The dimension that one shape fixes and the other doesn't, by its word.
fn alone(one: Shape, other: Shape) -> Option<&'static str> {
    let dimensions = [
        ("explain.agreementType", one.agreement_type, other.agreement_type),
        ("explain.scene", one.scene, other.scene),
        ("explain.subjectType", one.subject_type, other.subject_type),
    ];
    dimensions.into_iter().find(|(_, one, other)| *one && !*other).map(|(word, ..)| word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept() -> Value {
        json!({
            "authRuleId": "rule_1", "authRuleVersion": 2, "authRuleSelector": "COLLECTION|*|A",
            "authRulesBeaten": [
                {"id": "rule_2", "version": 1, "selector": "*|CORPORATE|A"},
                {"id": "rule_3", "version": 4, "selector": "COLLECTION|CORPORATE|*"},
                {"id": "rule_4", "version": 1, "selector": "*|*|*"},
            ],
            "smsTemplateId": "smstpl_1", "smsTemplateVersion": 1, "smsTemplateSelector": "*|*|*",
            "smsTemplatesBeaten": [],
        })
    }

    #[test]
    fn each_that_was_beaten_has_its_reason() {
        assert_eq!(
            explain(&kept(), Lang::En),
            "auth rule: rule_1 v2 (COLLECTION|*|A), scene over subject type against rule_2 v1 (*|CORPORATE|A), \
             agreement type over subject type against rule_3 v4 (COLLECTION|CORPORATE|*), \
             more fixed dimensions than rule_4 v1 (*|*|*); \
             SMS template: smstpl_1 v1 (*|*|*), the only one that matched"
        );
        assert_eq!(
            explain(&kept(), Lang::Zh),
            "认证规则：rule_1 v2 (COLLECTION|*|A)，场景优先于主体类型，胜过 rule_2 v1 (*|CORPORATE|A)，\
             协议类型优先于主体类型，胜过 rule_3 v4 (COLLECTION|CORPORATE|*)，\
             固定的维度多于 rule_4 v1 (*|*|*)；短信模板：smstpl_1 v1 (*|*|*)，唯一匹配"
        );
    }

    /// Of any two shapes there is a reason for the one that wins, and it is never the vague one.
    #[test]
    fn there_is_a_reason_for_every_order() {
        for (place, winner) in Shape::ALL.into_iter().enumerate() {
            for loser in Shape::ALL.into_iter().skip(place + 1) {
                let told = reason(Lang::En, Some(winner), Some(loser), "x");
                assert!(!told.contains('?') && !told.contains("specific"), "{winner:?} {loser:?}: {told}");
            }
        }
    }

    #[test]
    fn what_was_kept_otherwise_is_told_as_far_as_it_goes() {
        let none = json!({"authRuleId": "rule_1", "authRuleVersion": 1, "authRuleSelector": "any",
            "authRulesBeaten": [{"id": "rule_2", "version": 1, "selector": "*|*|*"}], "smsTemplateId": null});
        assert_eq!(
            explain(&none, Lang::En),
            "auth rule: rule_1 v1 (any), more specific than rule_2 v1 (*|*|*); SMS template: none matched"
        );
    }
}
