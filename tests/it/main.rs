//! The stories, a file each.

mod auth;
mod clocks;
mod errors;
mod evidence;
mod facts;
mod guard;
mod guessing;
mod h5;
mod house;
mod jobs;
mod list;
mod planted;
mod privacy;
mod races;
mod result;
mod results;
mod roads;
mod scopes;
mod seal;
mod settings;
mod sms;
mod start;
mod subscription;
mod tenants;
mod walk;
mod whole_way;
