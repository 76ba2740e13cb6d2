//! The house itself: who may depend on whom, and that no room is overfull.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What each crate of ours may depend on among ours. A crate that is not listed fails the test.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("esign-config", &[]),
    ("esign-migration", &[]),
    ("esign-sealing", &[]),
    ("esign-sandbox", &[]),
    ("esign-domain", &["esign-config", "esign-sealing"]),
    ("esign-web", &[]),
    ("esign-h5", &["esign-config", "esign-domain", "esign-web"]),
    ("esign-admin-ui", &["esign-config", "esign-domain", "esign-web"]),
    (
        "esign-api",
        &[
            "esign-config",
            "esign-migration",
            "esign-domain",
            "esign-sealing",
            "esign-web",
            "esign-h5",
            "esign-admin-ui",
            "esign-sandbox",
        ],
    ),
    (
        "esign-tests",
        &[
            "esign-config",
            "esign-migration",
            "esign-domain",
            "esign-sealing",
            "esign-h5",
            "esign-admin-ui",
            "esign-sandbox",
            "esign-api",
        ],
    ),
];

#[test]
fn every_crate_depends_only_on_what_it_may() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let allowed: BTreeMap<_, _> = ALLOWED.into();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} has no row in the table"));
        let ours = package["dependencies"].as_array().expect("dependencies").iter().filter(|dependency| {
            let development = dependency["kind"] == "dev";
            !development && dependency["name"].as_str().is_some_and(|name| name.starts_with("esign-"))
        });
        for dependency in ours {
            let dependency = dependency["name"].as_str().expect("a name");
            assert!(may.contains(&dependency), "{name} must not depend on {dependency}");
        }
    }
}

/// What the auth system says becomes a flow's move in one place, and what it pushes is kept in one.
#[test]
fn one_inbox_and_one_verb_take_the_auth_systems_word() {
    let words = [
        ("Event::AuthPassed {", &["domain/src/auth/settle.rs"][..]),
        ("Event::AuthRejected {", &["domain/src/auth/settle.rs"]),
        ("Event::ChallengeExpired {", &["domain/src/auth/settle.rs"]),
        ("Event::ChallengeCreated {", &["domain/src/auth/settle.rs"]),
        ("Event::MaterialRefused {", &["domain/src/auth/settle.rs"]),
        ("Event::FaceSubmitted {", &["domain/src/auth/settle.rs"]),
        ("settle::settle_locked(", &["domain/src/auth/inbox.rs", "domain/src/auth/material.rs"]),
        ("auth_inbox::Entity::insert", &["domain/src/auth/inbox.rs"]),
        ("inbox::receive(", &["api/src/callback/auth.rs"]),
    ];
    let mut sources = Vec::new();
    for folder in ["domain/src", "api/src", "h5/src"] {
        gather(&Path::new(ROOT).join(folder), &mut sources);
    }
    for (word, homes) in words {
        let mut found: Vec<_> = sources.iter().filter(|(_, text)| text.contains(word)).map(|(name, _)| name).collect();
        // The machine itself judges events and doesn't make them; its tests and its room are left out.
        found.retain(|name| !name.starts_with("domain/src/flow/machine"));
        found.sort();
        assert_eq!(found, homes, "{word}");
    }
}

/// The sources below a folder, by their paths from the root.
fn gather(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(ROOT).expect("below the root").display().to_string();
            sources.push((name, fs::read_to_string(&path).expect("a file")));
        }
    }
}

#[test]
fn no_file_is_over_five_hundred_lines_and_most_are_short() {
    let mut sizes = Vec::new();
    for folder in ["config", "migration", "domain", "sealing", "sandbox", "h5", "api", "tests"] {
        measure(&Path::new(ROOT).join(folder), &mut sizes);
    }
    sizes.sort_by_key(|(lines, _)| *lines);
    let (longest, name) = sizes.last().expect("there are files");
    assert!(*longest <= 500, "{name} has {longest} lines");
    let at = |share: usize| sizes[sizes.len() * share / 100].0;
    assert!(at(50) <= 120, "half of the files have more than {} lines", at(50));
    assert!(at(90) <= 300, "a tenth of the files have more than {} lines", at(90));
}

fn measure(folder: &Path, sizes: &mut Vec<(usize, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "node_modules" && name != "vendor" {
            measure(&path, sizes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            sizes.push((text.lines().count(), path.display().to_string()));
        }
    }
}
