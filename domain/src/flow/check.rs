//! The checks of an input that depend on nothing but itself; all problems are told at once.

use serde_json::Value;

use super::input::{IdDocumentInput, StartSignFlow, SubjectInput};
use crate::{
    error::{Error, FieldProblem, Result},
    personal::Mobile,
    terms::{IdDocumentType, SubjectType},
};

/// Refuses an input with malformed fields, naming each.
pub fn shape(input: &StartSignFlow) -> Result<()> {
    let mut problems = Problems::default();
    problems.unless(is_flow_no(&input.flow_no), "flowNo", "1-64 characters of A-Z a-z 0-9 - _ . :");
    problems.length(&input.fund_purpose, 64, "fundPurpose");
    problems.length(&input.agreement_type, 64, "agreementType");
    problems.subject(&input.subject);
    if let Some(variables) = &input.agreement_variables {
        let strings = variables.as_object().is_some_and(|map| map.values().all(Value::is_string));
        problems.unless(strings, "agreementVariables", "an object whose values are strings");
    }
    if let Some(metadata) = &input.metadata {
        let small = serde_json::to_string(metadata).is_ok_and(|text| text.len() <= 2_048);
        problems.unless(small, "metadata", "at most 2 KiB as JSON");
    }
    if let Some(url) = &input.return_url {
        let absolute = url.len() <= 2_048 && url::Url::parse(url).is_ok();
        problems.unless(absolute, "returnUrl", "an absolute address of at most 2,048 characters");
    }
    if let Some(id) = &input.supersedes {
        problems.unless(id.parse::<crate::ids::FlowId>().is_ok(), "supersedes", "the id of a flow");
    }
    problems.into_result()
}

/// Problems found so far.
#[derive(Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    /// Notes a problem unless all is well.
    pub fn unless(&mut self, well: bool, path: &str, problem: &str) {
        if !well {
            self.0.push(FieldProblem { path: path.into(), problem: problem.into() });
        }
    }

    /// All of them as one error.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::InvalidArgument(self.0)) }
    }

    fn length(&mut self, text: &str, most: usize, path: &str) {
        let count = text.chars().count();
        let clean = !text.trim().is_empty() && !text.chars().any(char::is_control);
        self.unless(clean && count <= most, path, &format!("1-{most} characters, no control characters"));
    }

    fn subject(&mut self, subject: &SubjectInput) {
        self.length(&subject.subject_no, 64, "subject.subjectNo");
        self.length(&subject.name, 100, "subject.name");
        self.unless(
            id_number_is_valid(&subject.id_document),
            "subject.idDocument.number",
            match subject.id_document.kind {
                IdDocumentType::UnifiedSocialCreditCode => "18 characters with a valid check character (GB 32100)",
                IdDocumentType::ResidentIdCard => "18 characters with a valid date and check character (GB 11643)",
                IdDocumentType::Passport | IdDocumentType::Other => "1-64 characters",
            },
        );
        self.unless(
            Mobile::parse(&subject.mobile).is_some(),
            "subject.mobile",
            "E.164 (+8613800138000) or an 11-digit mainland number",
        );
        match &subject.signatory_name {
            Some(name) => self.length(name, 50, "subject.signatoryName"),
            None => self.unless(
                subject.kind == SubjectType::Individual,
                "subject.signatoryName",
                "required for CORPORATE: the person who signs",
            ),
        }
        if let Some(account) = &subject.bank_account {
            let digits = account.account_no.bytes().all(|b| b.is_ascii_digit());
            let well = digits && (6..=32).contains(&account.account_no.len());
            self.unless(well, "subject.bankAccount.accountNo", "6-32 digits");
            self.length(&account.bank_name, 100, "subject.bankAccount.bankName");
            if let Some(code) = &account.bank_code {
                self.length(code, 32, "subject.bankAccount.bankCode");
            }
        }
    }
}

pub(super) fn is_flow_no(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

fn id_number_is_valid(document: &IdDocumentInput) -> bool {
    match document.kind {
        IdDocumentType::UnifiedSocialCreditCode => is_unified_code(&document.number),
        IdDocumentType::ResidentIdCard => is_resident_id(&document.number),
        IdDocumentType::Passport | IdDocumentType::Other => {
            let text = &document.number;
            !text.trim().is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control)
        }
    }
}

/// GB 32100-2015: 18 of a 31-letter alphabet, the last is a weighted check modulo 31.
pub(super) fn is_unified_code(text: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let values: Option<Vec<usize>> = text.chars().map(|c| ALPHABET.find(c)).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else { return false };
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    values[17] == (31 - sum % 31) % 31
}

/// GB 11643-1999: 17 digits (with a real date of birth) and a check character by ISO 7064 MOD 11-2.
pub(super) fn is_resident_id(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes[..17].iter().zip(WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    bytes[17] == CHECKS[sum as usize % 11] && chrono::NaiveDate::parse_from_str(&text[6..14], "%Y%m%d").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_check_characters() {
        for (number, valid) in [
            ("91350100M000100Y43", true),
            ("91350100M000100Y44", false),
            ("91350100M000100Y4", false),
            ("91350100m000100y43", false),
            ("", false),
        ] {
            assert_eq!(is_unified_code(number), valid, "{number}");
        }
        for (number, valid) in [
            ("11010519491231002X", true),
            ("11010519491231002x", false),
            ("110105194912310021", false),
            ("11010519491331002X", false),
            ("110105491231002", false),
            ("１１０１０５１９４９１２３１００２Ｘ", false),
        ] {
            assert_eq!(is_resident_id(number), valid, "{number}");
        }
    }

    #[test]
    fn flow_numbers() {
        assert!(is_flow_no("MS2026-11.22_8402:a"));
        for bad in ["", "a b", "a/b", "a#2", "中", &"x".repeat(65)] {
            assert!(!is_flow_no(bad), "{bad}");
        }
    }
}
