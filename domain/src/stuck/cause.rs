//! Why something failed, in words that tell staff whom to ask.

/// A kind of failure, read from what was told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The other side took too long.
    TimedOut,
    /// The other side can't be reached.
    Unreachable,
    /// The other side said no.
    Refused,
    /// The other side has none of it any more.
    Gone,
    /// A file isn't what it should be.
    Damaged,
    /// The job's own row can't be read.
    Unreadable,
    /// Something else; what was told tells more.
    Other,
}

impl Cause {
    /// Reads what was told. The first that fits counts.
    pub fn of(told: &str) -> Self {
        const MARKS: &[(&str, Cause)] = &[
            ("unreadable payload", Cause::Unreadable),
            ("does not verify", Cause::Damaged),
            ("is not the one that was signed", Cause::Damaged),
            ("is not there", Cause::Damaged),
            ("can't be opened", Cause::Damaged),
            ("no evidence", Cause::Gone),
            ("timed out", Cause::TimedOut),
            ("timeout", Cause::TimedOut),
            ("took too long", Cause::TimedOut),
            ("no answer", Cause::TimedOut),
            ("connect", Cause::Unreachable),
            ("unreachable", Cause::Unreachable),
            ("dns", Cause::Unreachable),
            ("unavailable", Cause::Unreachable),
            ("answered with 5", Cause::Unreachable),
            ("refused", Cause::Refused),
            ("rejected", Cause::Refused),
            ("status 4", Cause::Refused),
        ];
        let told = told.to_lowercase();
        MARKS.iter().find(|(mark, _)| told.contains(mark)).map_or(Self::Other, |(_, cause)| *cause)
    }

    /// The name under which words are found.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read() {
        for (told, cause) in [
            ("internal error the timestamp authority timed out", Cause::TimedOut),
            ("error sending request: connection refused", Cause::Unreachable),
            ("the auth system has no evidence: unknown challenge", Cause::Gone),
            ("unreadable payload: missing field `flow`", Cause::Unreadable),
            ("internal error the base PDF is not the one that was signed", Cause::Damaged),
            ("HTTP_503: answered with 503", Cause::Unreachable),
            ("internal error a sealed value of blob:base.pdf can't be opened with the key ring", Cause::Damaged),
            ("internal error", Cause::Other),
        ] {
            assert_eq!(Cause::of(told), cause, "{told}");
        }
    }
}
