//! What a page is.

use serde::Serialize;

use crate::nav::Place;

/// The content of one page: everything its template needs, and nothing else.
pub trait Page: Serialize {
    /// The template that draws it.
    const TEMPLATE: &'static str;
    /// The key of its title. It never names a person: titles stand in histories and on shared screens.
    const TITLE: &'static str;
    /// Where it stands in the navigation.
    const PLACE: Place;

    /// The template of this one, where pages of a kind differ.
    fn template(&self) -> &'static str {
        Self::TEMPLATE
    }

    /// The key of this one's title, where pages of a kind differ.
    fn title(&self) -> &'static str {
        Self::TITLE
    }
}
