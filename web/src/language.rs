//! The languages people read.

/// A language people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese, the first language.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Both, for tests and galleries.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The tag of the one that can be switched to.
    pub fn other(self) -> &'static str {
        match self {
            Self::Chinese => "en",
            Self::English => "zh",
        }
    }

    /// The language a tag stands for, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// What an `Accept-Language` header asks for first among ours; Chinese when it asks for neither.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0_f32, Self::Chinese);
        for part in header.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let language = pieces.next().and_then(Self::from_tag);
            let weight = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if let Some(language) = language.filter(|_| weight > best.0) {
                best = (weight, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_ours_that_is_asked_for_wins() {
        for (header, language) in [
            ("", Language::Chinese),
            ("fr", Language::Chinese),
            ("en-US,en;q=0.9,zh;q=0.8", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("fr, en;q=0.5, zh;q=0.4", Language::English),
        ] {
            assert_eq!(Language::from_accept_language(header), language, "{header}");
        }
    }
}
