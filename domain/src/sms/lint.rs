//! What a carrier would refuse of a text, told for each configured gateway before it is sent.
//!
//! The rules are those that mainland carriers hold every approved text against, so the generic gateway is held to them
//! too: whatever stands behind it ends at a carrier. A problem **blocks** when no carrier would take the text as it is
//! in the usual case; it **warns** when only the longest values there can be would be refused, or when people decide
//! (words that carriers hold back). A text with a blocking problem can be saved and not be enabled.

use std::collections::BTreeMap;

use esign_config::{Profile, Settings, SmsGateway, SmsGatewayKind};

use super::{
    sample::{VARIABLES, Values},
    segment::units,
    template::{GatewayTemplate, Piece, pieces, render},
};
use crate::{error::FieldProblem, terms::TemplateReview};

mod banned;
mod link;

/// The longest value carriers put in the place of a variable.
const VALUE: usize = 35;
/// The longest text carriers take.
const TEXT: usize = 500;

/// Declares the rules with their stable names.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal,)*) => {
        /// A rule by which a text is judged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $rule,)* }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$rule),*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }
        }
    };
}

rules! {
    /// Variables follow each other; with nothing but blanks between them it warns.
    VariablesSideBySide = "variables_side_by_side",
    /// A value is longer than carriers put in the place of a variable; it warns where only the longest one is.
    VariableTooLong = "variable_too_long",
    /// A variable stands in an address, or an address in what a variable is a part of.
    LinkInVariable = "link_in_variable",
    /// The link is missing.
    NoConstantLink = "no_constant_link",
    /// The link stands more than once.
    LinkRepeated = "link_repeated",
    /// The link runs into what stands beside it.
    LinkNotApart = "link_not_apart",
    /// An address that isn't the link.
    OtherLink = "other_link",
    /// The text is longer than carriers take; it warns where only the longest values make it so.
    TooLong = "too_long",
    /// A word that carriers refuse or hold back. It warns: lists differ, and people decide.
    BannedWord = "banned_word",
    /// The sign name's brackets stand in the body.
    SignInBody = "sign_in_body",
    /// Braces that open and don't close, or the other way round.
    OpenBraces = "open_braces",
    /// In production the link isn't https.
    PlainHttp = "plain_http",
    /// The gateway needs a code, and the template names none.
    CodeMissing = "code_missing",
    /// The carrier has not approved the template yet.
    CodePending = "code_pending",
    /// The carrier rejected the template.
    CodeRejected = "code_rejected",
}

/// Something a carrier would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// At which gateway, by our name for it.
    pub gateway: String,
    /// By which rule.
    pub rule: Rule,
    /// In English; [`crate::words::Lang::problem`] says it in Chinese.
    pub message: String,
    /// Whether the template can't be enabled with it.
    pub blocking: bool,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// With `{{ variables }}`.
    pub body: &'a str,
    /// 签名; none: the gateway's own.
    pub sign_name: Option<&'a str>,
    /// What it is called at gateways; none: not told, and not judged.
    pub gateway_templates: Option<&'a [GatewayTemplate]>,
}

impl Text<'_> {
    /// The whole text with these values, the sign name in front where it is given.
    pub fn with(&self, values: &BTreeMap<String, String>) -> String {
        let body = render(self.body, values);
        self.sign_name.map_or_else(|| body.clone(), |sign| format!("【{sign}】{body}"))
    }

    /// The names that are no variables, each once, in the order in which they stand.
    pub fn unknown_variables(&self) -> Vec<String> {
        let mut unknown = Vec::new();
        for piece in pieces(self.body) {
            if let Piece::Variable { name, .. } = piece
                && !VARIABLES.contains(&name)
                && !unknown.iter().any(|known| known == name)
            {
                unknown.push(name.to_owned());
            }
        }
        unknown
    }
}

/// Everything that is wrong with a text, gateway by gateway.
pub fn lint(settings: &Settings, text: &Text<'_>, values: &Values) -> Vec<Problem> {
    let of_text = of_text(settings, text, values);
    let mut problems = Vec::new();
    for gateway in &settings.sms.gateways {
        let at = |found: &Found| Problem {
            gateway: gateway.name.clone(),
            rule: found.rule,
            message: found.message.clone(),
            blocking: found.blocking,
        };
        problems.extend(of_text.iter().map(at));
        problems.extend(of_code(gateway, text).iter().map(at));
    }
    problems
}

/// What keeps a text from being enabled: names that are no variables, blocking problems at each gateway that it could be
/// sent by, and that there is no such gateway.
pub fn obstacles(settings: &Settings, text: &Text<'_>, values: &Values) -> Vec<FieldProblem> {
    let problem = |path: &str, problem: String| FieldProblem { path: path.into(), problem };
    let mut obstacles: Vec<_> = text
        .unknown_variables()
        .iter()
        .map(|name| problem("body", format!("there is no variable called {}", shown(name))))
        .collect();
    let found = of_text(settings, text, values).into_iter().filter(|found| found.blocking);
    obstacles.extend(found.map(|found| problem("body", found.message)));
    let refused: Vec<_> = settings.sms.gateways.iter().map(|gateway| (gateway, of_code(gateway, text))).collect();
    if refused.iter().all(|(_, found)| found.is_some()) {
        let each = refused.iter().filter_map(|(gateway, found)| Some((&gateway.name, found.as_ref()?.rule.as_str())));
        let each: Vec<_> = each.map(|(gateway, rule)| format!("{gateway} {rule}")).collect();
        obstacles.push(problem("gatewayTemplates", format!("no gateway could send it: {}", each.join(", "))));
    }
    obstacles
}

/// What is wrong with a text, whichever gateway it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    rule: Rule,
    message: String,
    blocking: bool,
}

fn blocks(rule: Rule, message: impl Into<String>) -> Found {
    Found { rule, message: message.into(), blocking: true }
}

fn warns(rule: Rule, message: impl Into<String>) -> Found {
    Found { rule, message: message.into(), blocking: false }
}

fn of_text(settings: &Settings, text: &Text<'_>, values: &Values) -> Vec<Found> {
    let pieces = pieces(text.body);
    let mut found = link::rules(&pieces);
    found.extend(side_by_side(&pieces));
    found.extend(values_too_long(&pieces, values));
    found.extend(braces(&pieces));
    found.extend(text_too_long(text, values));
    found.extend(banned::words(&with_gaps(&pieces)).map(|(_, told)| warns(Rule::BannedWord, told)));
    if text.body.contains(['【', '】']) {
        found.push(blocks(Rule::SignInBody, "【 and 】 belong to the sign name, which is put in front of the text"));
    }
    if settings.profile == Profile::Production && !settings.server.public_url.starts_with("https://") {
        found.push(blocks(Rule::PlainHttp, "the link must be https: the public address isn't"));
    }
    let mut once: Vec<Found> = Vec::new();
    for one in found {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// The constant text, with something that is no letter where a variable stands: words don't reach over one.
fn with_gaps(pieces: &[Piece<'_>]) -> String {
    let text = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Variable { .. } => "\u{fffc}".to_owned(),
    };
    pieces.iter().map(text).collect()
}

fn side_by_side(pieces: &[Piece<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    // The public address is constant to the carrier.
    let varies = |name: &str| name != "publicUrl";
    let told = |one: &str, other: &str| format!("put words between the variables {} and {}", shown(one), shown(other));
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Variable { name: one, .. } = *piece else { continue };
        let (other, directly) = match pieces.get(index + 1..).unwrap_or_default() {
            [Piece::Variable { name, .. }, ..] => (*name, true),
            [Piece::Text(text), Piece::Variable { name, .. }, ..] if text.trim().is_empty() => (*name, false),
            _ => continue,
        };
        if varies(one) && varies(other) {
            let rule = Rule::VariablesSideBySide;
            found.push(if directly { blocks(rule, told(one, other)) } else { warns(rule, told(one, other)) });
        }
    }
    found
}

fn values_too_long(pieces: &[Piece<'_>], values: &Values) -> Vec<Found> {
    let mut found = Vec::new();
    for piece in pieces {
        let Piece::Variable { name, .. } = *piece else { continue };
        let length = |of: &BTreeMap<String, String>| of.get(name).map_or(0, |value| units(value));
        let (usual, longest) = (length(&values.sample), length(&values.longest));
        if name == "publicUrl" {
            continue;
        }
        let rule = Rule::VariableTooLong;
        if usual > VALUE {
            found.push(blocks(rule, format!("{name} is {usual} characters long, carriers take {VALUE}")));
        } else if longest > VALUE {
            found.push(warns(rule, format!("{name} can be {longest} characters long, carriers take {VALUE}")));
        }
    }
    found
}

fn braces(pieces: &[Piece<'_>]) -> Option<Found> {
    let stray = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => text.contains("{{") || text.contains("}}"),
        Piece::Variable { name, .. } => name.contains('{'),
    };
    let message = "braces open that don't close, or close that were not open";
    pieces.iter().any(stray).then(|| blocks(Rule::OpenBraces, message))
}

fn text_too_long(text: &Text<'_>, values: &Values) -> Option<Found> {
    let (usual, longest) = (units(&text.with(&values.sample)), units(&text.with(&values.longest)));
    if usual > TEXT {
        Some(blocks(Rule::TooLong, format!("the text is {usual} characters long, carriers take {TEXT}")))
    } else if longest > TEXT {
        Some(warns(Rule::TooLong, format!("the text can be {longest} characters long, carriers take {TEXT}")))
    } else {
        None
    }
}

/// What keeps a template from being sent by one gateway, whatever its text.
fn of_code(gateway: &SmsGateway, text: &Text<'_>) -> Option<Found> {
    let entries = text.gateway_templates?;
    let review = entries.iter().find(|entry| entry.gateway == gateway.name).map(|entry| entry.review);
    of_review(review, needs_code(gateway))
}

fn of_review(review: Option<TemplateReview>, needs_code: bool) -> Option<Found> {
    match review {
        Some(TemplateReview::Approved) => None,
        Some(TemplateReview::Pending) => Some(blocks(Rule::CodePending, "the carrier has not approved it yet")),
        Some(TemplateReview::Rejected) => Some(blocks(Rule::CodeRejected, "the carrier rejected it")),
        None if needs_code => {
            Some(blocks(Rule::CodeMissing, "this gateway needs the code under which the carrier approved it"))
        }
        None => None,
    }
}

/// Whether a gateway sends only what its carrier knows by a code.
fn needs_code(gateway: &SmsGateway) -> bool {
    match gateway.kind {
        SmsGatewayKind::Http => false,
    }
}

/// What staff wrote, but not at any length.
fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
