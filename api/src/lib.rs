//! The process: command line, composition, and the machine doors.

pub mod adapter;
pub mod callback;
pub mod cli;
pub mod download;
pub mod first_start;
pub mod graphql;
pub mod health;
pub mod http;
pub mod keys;
pub mod oauth;
pub mod server;
pub mod shield;
pub mod trace;
pub mod verify;
pub mod wire;

#[cfg(test)]
mod trial;
