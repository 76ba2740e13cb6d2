//! Reading the three layers.

use std::path::Path;

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};

use crate::{Profile, Settings, check::check};

const DEFAULT: &str = include_str!("../default.toml");
pub(crate) const SANDBOX: &str = include_str!("../sandbox.toml");
const PRODUCTION: &str = include_str!("../production.toml");

/// Why the settings can't be used. The message names each key and what to mend.
#[derive(Debug, thiserror::Error)]
#[error("the configuration can't be used:\n{0}")]
pub struct LoadError(pub String);

/// Reads the settings of this process: `ESIGN__PROFILE` (or `sandbox`) picks the profile, `ESIGN_CONFIG_DIR` replaces
/// the files that are compiled in.
pub fn load() -> Result<Settings, LoadError> {
    let profile = match std::env::var("ESIGN__PROFILE").as_deref() {
        Err(_) | Ok("" | "sandbox") => Profile::Sandbox,
        Ok("production") => Profile::Production,
        Ok(other) => return Err(LoadError(format!("  profile: \"{other}\" is neither sandbox nor production"))),
    };
    let environment = Env::prefixed("ESIGN__").split("__");
    let figment = files(profile)?.merge(environment).merge(("profile", profile.name()));
    from_sources(with_texts(figment, &|name| std::env::var(name).ok()))
}

/// Keys that are text whatever they look like. The environment's values are guessed at otherwise, and a secret that
/// happens to be a number would be refused, or lose its leading zeros.
const TEXTS: [&str; 8] = [
    "data_dir",
    "server.public_url",
    "database.url",
    "auth.key",
    "auth.secret",
    "auth.callback_secret",
    "keys.ring",
    "keys.lookup",
];

fn with_texts(figment: Figment, variable: &dyn Fn(&str) -> Option<String>) -> Figment {
    TEXTS.iter().fold(figment, |figment, key| {
        let name = format!("ESIGN__{}", key.replace('.', "__").to_uppercase());
        match variable(&name) {
            Some(text) => figment.merge((key, text)),
            None => figment,
        }
    })
}

/// Turns layered sources into checked settings; every problem is told at once where the format allows.
#[expect(clippy::needless_pass_by_value, reason = "sources are layered to be read once")]
pub fn from_sources(figment: Figment) -> Result<Settings, LoadError> {
    let settings: Settings = figment.extract().map_err(|error| {
        let lines: Vec<String> = error.into_iter().map(|one| format!("  {one}")).collect();
        LoadError(lines.join("\n"))
    })?;
    let problems = check(&settings);
    if problems.is_empty() {
        return Ok(settings.with_derived());
    }
    Err(LoadError(problems.iter().map(|p| format!("  {}: {}", p.key, p.mend)).collect::<Vec<_>>().join("\n")))
}

fn files(profile: Profile) -> Result<Figment, LoadError> {
    let built_in = match profile {
        Profile::Sandbox => SANDBOX,
        Profile::Production => PRODUCTION,
    };
    let Some(folder) = std::env::var_os("ESIGN_CONFIG_DIR") else {
        return Ok(Figment::new().merge(Toml::string(DEFAULT)).merge(Toml::string(built_in)));
    };
    let folder = Path::new(&folder);
    let file = |name: String| {
        let path = folder.join(name);
        if path.is_file() {
            return Ok(Toml::file(path));
        }
        Err(LoadError(format!("  ESIGN_CONFIG_DIR: {} is missing", path.display())))
    };
    Ok(Figment::new().merge(file("default.toml".into())?).merge(file(format!("{}.toml", profile.name()))?))
}

impl Settings {
    /// The settings of a profile as shipped, without the environment: where tests and tools begin.
    pub fn shipped(profile: Profile) -> Figment {
        let built_in = match profile {
            Profile::Sandbox => SANDBOX,
            Profile::Production => PRODUCTION,
        };
        Figment::new().merge(Toml::string(DEFAULT)).merge(Toml::string(built_in)).merge(("profile", profile.name()))
    }

    /// Fills what follows from other keys: the public address, the database file, the stand-ins' addresses.
    fn with_derived(mut self) -> Self {
        if self.server.public_url.is_empty() {
            self.server.public_url = self.server.own_url();
        }
        self.server.public_url = self.server.public_url.trim_end_matches('/').to_owned();
        if self.database.url.is_empty() {
            let file = self.data_dir.join("esign.sqlite");
            self.database.url = crate::Secret::new(format!("sqlite://{}", file.display()));
        }
        if self.auth.base_url.is_empty() {
            self.auth.base_url = format!("{}/sandbox/auth-system", self.server.own_url());
        }
        for gateway in &mut self.sms.gateways {
            if gateway.url.is_empty() {
                let stand_in = || format!("{}/sandbox/sms-gateway/send", self.server.own_url());
                gateway.url = gateway.usual_url().map_or_else(stand_in, str::to_owned);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
