//! The siege: the built executable, left open to the world, under fire.
//!
//! Who is who. The [`server`] is the executable in the sandbox profile, with its process to look at: is it still the
//! same one, how much memory does it hold. The besiegers come one after the other: [`bombs`], small requests that would
//! be dear to run; [`malformed`], requests that are nearly right, and noise; [`wire`], what is hardly HTTP; [`slow`], connections that say half a
//! sentence and wait; [`crowd`], thousands of subscribers who have every right to be there. Meanwhile an honest client,
//! the [`pulse`], asks a light question again and again and writes down how long it waited. HTTP is spoken by
//! [`client`], `graphql-transport-ws` by [`socket`].
//!
//! Each story prints its figures and fails when something did not hold that must: a bomb was answered with anything but
//! a refusal, a connection was dropped without a word, the process is another one, somebody was not shown out in time,
//! an event was not heard. Times and sizes are figures, to be judged by whoever reads them.
//!
//! `cargo run -p esign-tests --example siege`, after `cargo build`; set by the environment:
//!
//! | variable | means | default |
//! |---|---|---|
//! | `ESIGN_SIEGE_DOCUMENTS` | malformed documents | 2000 |
//! | `ESIGN_SIEGE_SLOW` | slow connections | 300 |
//! | `ESIGN_SIEGE_SUBSCRIBERS` | subscribers | 500 |
//! | `ESIGN_SIEGE_SEED` | the seed of the malformed documents | drawn, and told |
//! | `ESIGN_SIEGE_STORIES` | which stories, of `bombs malformed wire slow crowd` | all |
//! | `ESIGN_EXECUTABLE` | the server's executable | the one built beside this program |
//!
//! The full siege, against a release:
//!
//! ```text
//! ESIGN_SIEGE_DOCUMENTS=10000 ESIGN_SIEGE_SLOW=1000 ESIGN_SIEGE_SUBSCRIBERS=5000 \
//!   ESIGN_EXECUTABLE=target/release/esign cargo run --release -p esign-tests --example siege
//! ```
//!
//! It ends with 0 when everything held; else it lists what did not, and keeps the server's log.

mod arsenal;
mod bombs;
mod client;
mod crowd;
#[path = "../crash/dice.rs"]
mod dice;
mod malformed;
mod mangle;
mod pulse;
mod server;
mod settings;
mod slow;
mod socket;
mod wire;

use std::{io::Write, process::ExitCode};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::{server::Server, settings::Settings};

/// What went wrong, in words.
pub type Failure = String;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(besiege(&settings)))
}

async fn besiege(settings: &Settings) -> ExitCode {
    let mut problems = Vec::new();
    for story in &settings.stories {
        // A server of its own for each, so that none inherits the memory of the one before.
        match Server::start(settings).await {
            Ok(mut server) => {
                let told = tell(story, settings, &server).await;
                problems.extend(server.end(told).await);
            }
            Err(failure) => problems.push(failure),
        }
    }
    for problem in &problems {
        say(&format!("  PROBLEM: {problem}"));
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn tell(story: &str, settings: &Settings, server: &Server) -> Vec<Failure> {
    let told = match story {
        "bombs" => bombs::fall(server).await,
        "malformed" => malformed::rain(settings, server).await,
        "wire" => wire::garble(server).await,
        "slow" => slow::linger(settings, server).await,
        "crowd" => crowd::gather(settings, server).await,
        other => Err(format!("no story is called '{other}'")),
    };
    told.unwrap_or_else(|failure| vec![failure])
}

/// Prints a line.
pub fn say(line: &str) {
    // Nobody to tell is no reason to stop.
    drop(writeln!(std::io::stdout(), "{line}"));
}
