//! Documents that many hold: thousands of subscribers ask in the same words, and each would keep a copy of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use async_graphql::parser::types::ExecutableDocument;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// So many different ones are shared; more than any client has need of.
const MOST: usize = 1_024;

/// The documents that somebody holds, by the digest of their text.
#[derive(Debug, Default)]
pub struct Documents(Mutex<HashMap<[u8; SHA256_OUTPUT_LEN], Weak<ExecutableDocument>>>);

impl Documents {
    /// The document of a text: the one that others hold already, or else this one.
    pub fn shared(&self, text: &str, document: Arc<ExecutableDocument>) -> Arc<ExecutableDocument> {
        let mut key = [0; SHA256_OUTPUT_LEN];
        key.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        if held.len() >= MOST {
            held.retain(|_, document| document.strong_count() > 0);
        }
        if held.len() < MOST {
            held.insert(key, Arc::downgrade(&document));
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_document_is_shared_as_long_as_somebody_holds_it() {
        let (documents, parsed) = (Documents::default(), |text| Arc::new(parse_query(text).unwrap()));
        let first = documents.shared("{ a }", parsed("{ a }"));
        assert!(Arc::ptr_eq(&first, &documents.shared("{ a }", parsed("{ a }"))));
        assert!(!Arc::ptr_eq(&first, &documents.shared("{ b }", parsed("{ b }"))));
        drop(first);
        let later = parsed("{ a }");
        assert!(Arc::ptr_eq(&later, &documents.shared("{ a }", later.clone())));
    }

    #[test]
    fn what_nobody_holds_makes_room() {
        let (documents, parsed) = (Documents::default(), Arc::new(parse_query("{ a }").unwrap()));
        for number in 0..=MOST {
            documents.shared(&number.to_string(), Arc::new(parse_query("{ a }").unwrap()));
        }
        documents.shared("kept", parsed.clone());
        assert!(Arc::ptr_eq(&parsed, &documents.shared("kept", Arc::new(parse_query("{ a }").unwrap()))));
    }
}
