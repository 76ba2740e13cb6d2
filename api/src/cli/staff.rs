//! `esign staff …`: members of staff.

use std::io::{self, BufRead};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use esign_config::Secret;
use esign_domain::{
    App, Caller,
    caller::Role,
    staff::register::{self, Credentials, NewStaff},
};

use super::say;
use crate::first_start::explained;

/// What can be done with accounts of staff.
#[derive(Subcommand)]
pub enum Command {
    /// Make an account and print its password, once.
    Add {
        /// The sign-in name: 2-64 of a-z 0-9 . _ -
        name: String,
        /// What the member may do: admin, operator or auditor.
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        password: Password,
    },
    /// Give an account another password and print it, once.
    Reset {
        /// The sign-in name.
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Take the TOTP of an account away, for a member who lost the device.
    TotpReset {
        /// The sign-in name.
        name: String,
    },
    /// List the accounts.
    List,
}

/// Where the password comes from: made, or typed. Never from an argument, which every user of the machine could read.
#[derive(Args)]
pub struct Password {
    /// Read the password from standard input, one line; without it a random one is made.
    #[arg(long)]
    password_stdin: bool,
}

impl Password {
    fn read(&self) -> Result<Option<Secret>> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("standard input can't be read")?;
        Ok(Some(Secret::new(line.trim_end_matches(['\r', '\n']))))
    }
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| "the roles are: admin operator auditor".to_owned())
}

/// Does it, as the system: whoever may run this command may do anything.
pub async fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Add { name, role, password } => {
            let typed = password.read()?;
            let new = NewStaff { name, role, password: typed.clone() };
            show(&register::add(app, &Caller::System, new).await.map_err(explained)?, typed.is_some())
        }
        Command::Reset { name, password } => {
            let typed = password.read()?;
            let made = register::reset_password(app, &Caller::System, &name, typed.clone()).await;
            show(&made.map_err(explained)?, typed.is_some())
        }
        Command::TotpReset { name } => {
            register::reset_totp(app, &Caller::System, &name).await.map_err(explained)?;
            say(&format!("{name} signs in with the password alone, until another TOTP is set up."))
        }
        Command::List => {
            for member in register::list(app, &Caller::System).await.map_err(explained)? {
                let state = if member.enabled { "enabled" } else { "disabled" };
                let totp = if member.has_totp() { "totp" } else { "-" };
                say(&format!("{}\t{}\t{state}\t{totp}\t{}", member.name, member.role, member.id))?;
            }
            Ok(())
        }
    }
}

/// What somebody typed is not shown again.
fn show(made: &Credentials, was_typed: bool) -> Result<()> {
    say(&format!("name      {}\nrole      {}", made.staff.name, made.staff.role))?;
    if was_typed {
        return say("password  as typed");
    }
    say(&format!("password  {}\n\nThe password is shown this once and kept nowhere.", made.password.expose()))
}
