//! The stories, a file each.

mod auth;
mod clocks;
mod evidence;
mod facts;
mod guard;
mod h5;
mod jobs;
mod list;
mod privacy;
mod result;
mod rotation;
mod scopes;
mod seal;
mod settings;
mod sms;
mod start;
mod subscription;
mod tenants;
mod walk;
mod whole_way;
