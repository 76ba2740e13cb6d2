//! The outside world behind the domain's ports: one file an outside system, named by [`crate::wire`] alone.
//!
//! What all of them hold: no redirects are followed, every call has a time-out, and a call that failed says which of
//! three things is true, because each wants another answer: nothing was done and a later try may help, nothing was
//! done and no try will help, or nobody knows whether it was done.

pub mod alert_webhook;
pub mod auth_http;
pub mod sealer;
pub mod sms_http;

mod call;
