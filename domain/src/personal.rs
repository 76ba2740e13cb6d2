//! Personal data as types: what prints by accident prints masked, and only [`expose`](Mobile::expose) shows it.
//!
//! Masks follow what people in China know from their bank: `138****2077`, `张*远`, `5719 **** 6688`.

use std::fmt;

/// Declares a personal value: a string whose Debug and Display are masked.
macro_rules! personal {
    ($($(#[$doc:meta])* $name:ident masked by $mask:path;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes a value that has been checked, or that comes back from its sealed store.
            pub fn trusted(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself, for the one place that needs it.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// The value as people may see it.
            pub fn masked(&self) -> String {
                $mask(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }
    )* };
}

personal! {
    /// A mobile number in E.164 form.
    Mobile masked by mask_mobile;
    /// The number of an identity document.
    IdNumber masked by mask_number;
    /// A bank account number.
    AccountNo masked by mask_number;
    /// A person's name.
    PersonName masked by mask_name;
    /// What the auth system hands out on success.
    Credential masked by mask_all;
    /// The code in a signer's link.
    LinkCode masked by mask_all;
}

impl Mobile {
    /// Reads E.164 or an 11-digit mainland number, and normalises to E.164.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if text.len() == 11 && digits(&text) && text.starts_with('1') && !matches!(text.as_bytes()[1], b'0'..=b'2') {
            return Some(Self(format!("+86{text}")));
        }
        let rest = text.strip_prefix('+')?;
        let plausible = (8..=15).contains(&rest.len()) && digits(rest) && !rest.starts_with('0');
        if !plausible {
            return None;
        }
        match rest.strip_prefix("86") {
            Some(national) => Self::parse_mainland(national),
            None => Some(Self(text)),
        }
    }

    fn parse_mainland(national: &str) -> Option<Self> {
        (national.len() == 11).then(|| Self::parse(national)).flatten()
    }
}

fn mask_mobile(e164: &str) -> String {
    let national = e164.strip_prefix("+86").unwrap_or(e164);
    keep(national, if national.starts_with('+') { 4 } else { 3 }, 4)
}

fn mask_number(number: &str) -> String {
    match number.chars().count() {
        0..=4 => "*".repeat(number.chars().count()),
        5..=8 => keep(number, 0, 2),
        _ => keep(number, 4, 4),
    }
}

/// A person's name as people may see it: the first and, from three characters on, the last stays.
pub fn mask_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    match chars.as_slice() {
        [] => String::new(),
        [_] => "*".into(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len().min(6))),
    }
}

/// A text with every number of seven digits or more left out, also where blanks or dashes stand between the digits.
pub fn without_numbers(text: &str) -> String {
    let (mut kept, mut number) = (String::new(), String::new());
    // The end stands for a letter, so that a number at the end is judged as well.
    for letter in text.chars().map(Some).chain([None]) {
        match letter {
            Some(digit) if digit.is_ascii_digit() => number.push(digit),
            Some(between @ (' ' | '-')) if !number.is_empty() => number.push(between),
            other => {
                let digits = number.chars().filter(char::is_ascii_digit).count();
                kept.push_str(if digits < 7 { &number } else { "***" });
                number.clear();
                kept.extend(other);
            }
        }
    }
    kept
}

fn mask_all(_: &str) -> String {
    "***".into()
}

fn keep(text: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= head + tail {
        return "*".repeat(chars.len());
    }
    let start: String = chars[..head].iter().collect();
    let end: String = chars[chars.len() - tail..].iter().collect();
    format!("{start}****{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobiles_are_normalised_or_refused() {
        for (text, e164) in [
            ("13800138000", Some("+8613800138000")),
            ("+86 138-0013-8000", Some("+8613800138000")),
            ("+85261234567", Some("+85261234567")),
            ("12345678901", None),
            ("+8612345678901", None),
            ("+861380013800", None),
            ("1380013800", None),
            ("138001380001", None),
            ("+0123456789", None),
            ("１３８００１３８０００", None),
            ("", None),
        ] {
            assert_eq!(Mobile::parse(text).map(|m| m.0).as_deref(), e164, "{text}");
        }
    }

    #[test]
    fn long_numbers_are_left_out_of_texts() {
        for (text, expected) in [
            ("HTTP_503: answered with 503", "HTTP_503: answered with 503"),
            ("13800138000", "***"),
            ("no such number: +86 138-0013-8000!", "no such number: +***!"),
            ("2026-11 and 123456", "2026-11 and 123456"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), expected);
        }
    }

    #[test]
    fn what_prints_prints_masked() {
        let mobile = Mobile::parse("13812342077").unwrap();
        assert_eq!(format!("{mobile} {mobile:?}"), "138****2077 138****2077");
        assert_eq!(IdNumber::trusted("11010519491231002X").to_string(), "1101****002X");
        assert_eq!(mask_name("张思远"), "张*远");
        assert_eq!(mask_name("张三"), "张*");
        assert_eq!(format!("{:?}", Credential::trusted("cred_1")), "***");
    }
}
