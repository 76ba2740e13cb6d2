//! The signer's acts: what the person with the link may see and do.
//!
//! A **visitor** is whoever holds the link, with the address and device they come from. [`link::enter`] finds the flow;
//! an unknown link and one that is over are the same. [`view::view`] says where the flow stands; the acts move it. Every
//! act carries a **submission** id made by the page: the same id again changes nothing and is no error, so a double tap,
//! a reload or a lost reply never acts twice.

pub mod acts;
pub mod authenticate;
pub mod link;
pub mod reading;
pub mod sign;
pub mod view;

pub use acts::{Consent, decline};
pub use authenticate::{face_url, refuse_face, request_auth, returned, seen, start_face, submit_amount};
/// A signature as it was made.
pub use esign_sealing::Ink;
pub use link::{Visitor, enter, open};
pub use reading::{Reading, record_reading};
pub use sign::sign;
pub use view::{AuthView, DocumentView, SignerView, Step, document_pdf, page_svg, view};
