//! What the programs beside the stories (crash, siege, load) are told by environment variables.

use std::{env, path::PathBuf, str::FromStr};

/// The number of a variable, or another when it isn't set or empty.
///
/// # Errors
/// Words for whoever set it to something else.
pub fn number<T: FromStr>(name: &str, otherwise: T) -> Result<T, String> {
    match env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().map_err(|_| format!("{name} is not a number")),
        _ => Ok(otherwise),
    }
}

/// The platform's executable: what `ESIGN_EXECUTABLE` names, or the one that was built beside this program.
///
/// # Errors
/// Words when there is none.
pub fn executable() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("ESIGN_EXECUTABLE") {
        return Ok(named.into());
    }
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let beside = own.ancestors().nth(2).ok_or("this program lies in no target folder")?.join("esign");
    if beside.exists() { Ok(beside) } else { Err(format!("{} is missing: build it first", beside.display())) }
}
