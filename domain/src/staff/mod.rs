//! Staff (员工): the people who run the platform.
//!
//! The cast. A *member of staff* has a sign-in name, a password and a *role*: an admin (管理员) may do everything, an
//! operator (运营) everything but change clients and read clear personal data, an auditor (审计) may read everything but
//! clear personal data; the scopes of each stand in [`Role::scopes`](crate::caller::Role::scopes).
//!
//! The life of an account. Somebody at the machine's command line makes it with [`add`](register::add); who forgot the
//! password gets another by [`reset_password`](register::reset_password). A password that nobody chose is a random one
//! and is shown once. One that an admin gave opens no more than the step at which its owner chooses another
//! ([`own::choose_password`]): what the audit log says somebody did, nobody else could have done.
//!
//! Signing in ([`sign_in`]) is a password and, where the account has a TOTP ([`totp`]), a code; a role may be bound to have
//! one. What comes of it is a *session* ([`session`]): a token in a browser, whose hash we keep. Wrong tries lock a name
//! for a while, whether somebody bears it or not ([`guess`]). What is dear asks for a fresh proof ([`own::prove_again`]).
//!
//! What always holds. A password is kept as an argon2id hash under a salt of its own and nowhere else; neither prints
//! itself. Accounts are made by admins and at the command line only, never by a client's token, whatever its scopes.

pub mod entity;
pub mod one_time;
pub mod own;
pub mod password;
pub mod recovery;
pub mod register;
pub mod session;
pub mod sign_in;
pub mod totp;

mod guess;
mod qr;

pub use entity::staff::Model as Staff;

#[cfg(test)]
mod tests;
