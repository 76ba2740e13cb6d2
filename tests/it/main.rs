//! The stories, a file each.

mod auth;
mod clocks;
mod facts;
mod guard;
mod house;
mod privacy;
mod result;
mod scopes;
mod seal;
mod sms;
mod start;
mod subscription;
mod tenants;
mod whole_way;
