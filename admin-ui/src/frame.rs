//! What every page carries around its own content: who is here, where they are, language and looks, what just worked.

use esign_domain::{Caller, caller::Operation};
use esign_web::{language::Language, preference::Theme};
use serde::Serialize;

use crate::nav::{self, Badges, Group, Place};
use crate::wish::Wish;

/// The frame of one page.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    #[serde(skip)]
    language: Language,
    tag: &'static str,
    other: &'static str,
    /// The same page in the other language.
    other_link: String,
    theme: &'static str,
    other_theme: &'static str,
    /// The same page in the other colours.
    theme_link: String,
    /// Only the page's own content is wanted: it is set into a page that stands already.
    pub(crate) partial: bool,
    csrf: String,
    /// The key of what just worked.
    pub(crate) toast: Option<String>,
    member: Option<Member>,
    /// The names of the operations that this member may do: `cancelSignFlow`.
    may: Vec<String>,
    nav: Vec<Group>,
}

/// Who is here.
#[derive(Debug, Clone, Serialize)]
struct Member {
    name: String,
    initial: String,
    role: String,
}

impl Frame {
    /// A frame before anybody has signed in.
    pub fn outside(wish: &Wish) -> Self {
        let preference = wish.preference;
        let dark = preference.theme == Theme::Dark;
        Self {
            language: preference.language,
            tag: preference.language.tag(),
            other: preference.language.other(),
            other_link: turned(wish, "lang", preference.language.other()),
            theme: preference.theme.name(),
            other_theme: if dark { "light" } else { "dark" },
            theme_link: turned(wish, "theme", if dark { "light" } else { "dark" }),
            partial: wish.partial,
            csrf: String::new(),
            toast: wish.toast.clone(),
            member: None,
            may: Vec::new(),
            nav: Vec::new(),
        }
    }

    /// The frame of a member of staff, whose forms carry this mark.
    #[must_use]
    pub fn of(mut self, caller: &Caller, csrf: &str, badges: &Badges) -> Self {
        csrf.clone_into(&mut self.csrf);
        self.may = Operation::ALL
            .iter()
            .filter(|operation| caller.require(**operation).is_ok())
            .map(|operation| operation.name())
            .collect();
        self.nav = nav::groups(caller, badges);
        if let Caller::Staff { name, role, .. } = caller {
            self.member = Some(Member {
                name: name.clone(),
                initial: name.chars().take(1).flat_map(char::to_uppercase).collect(),
                role: role.as_str().to_owned(),
            });
        }
        self
    }

    /// The same with the mark that its forms carry, for whoever is not wholly signed in.
    #[must_use]
    pub fn with_csrf(mut self, csrf: &str) -> Self {
        csrf.clone_into(&mut self.csrf);
        self
    }

    /// The same with the place in the navigation marked where the page stands.
    #[must_use]
    pub(crate) fn at(mut self, place: Place) -> Self {
        for item in self.nav.iter_mut().flat_map(|group| &mut group.items) {
            item.current = item.place == place;
        }
        self
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }
}

/// The same page, seen otherwise: everything else of the query stays.
fn turned(wish: &Wish, name: &str, value: &str) -> String {
    wish.query.with(name, value).link("")
}
