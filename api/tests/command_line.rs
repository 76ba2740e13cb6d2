//! The executable as somebody at a terminal meets it.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

fn esign(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esign"));
    command.env_clear().env("ESIGN__DATA_DIR", data).env("ESIGN__SERVER__LISTEN", "127.0.0.1:1").current_dir(data);
    command
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_says_what_there_is_and_hides_what_is_not_for_people() {
    let data = tempfile::tempdir().unwrap();
    let help = run(esign(data.path()).arg("--help"));
    let help = text(&help.stdout);
    for word in ["serve", "migrate", "client", "staff", "token", "verify", "doctor", "ESIGN__"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(!help.contains("render-worker"));
}

#[test]
fn a_configuration_that_can_t_be_used_is_refused_by_key() {
    let data = tempfile::tempdir().unwrap();
    let refused = run(esign(data.path()).env("ESIGN__SERVER__LISTN", "127.0.0.1:1"));
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("listn"));
    let refused = run(esign(data.path()).env("ESIGN__PROFILE", "production").env("ESIGN__AUTH__SECRET", "007"));
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&refused.stderr);
    assert!(told.contains("auth.callback_secret") && !told.contains("auth.secret:"), "{told}");
}

#[test]
fn clients_and_staff_are_made_and_listed_and_a_token_is_printed() {
    let data = tempfile::tempdir().unwrap();
    let made = run(esign(data.path()).args(["client", "add", "shop", "--name", "云帆", "--scope", "flows:read"]));
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stdout).contains("esk_"));
    let again = run(esign(data.path()).args(["client", "add", "shop", "--name", "云帆"]));
    assert!(!again.status.success() && text(&again.stderr).contains("shop"));
    let listed = run(esign(data.path()).args(["client", "list"]));
    assert!(text(&listed.stdout).contains("shop\tclient_") && !text(&listed.stdout).contains("esk_"));
    let rotated = run(esign(data.path()).args(["client", "rotate", "shop", "--overlap", "0"]));
    assert!(text(&rotated.stdout).contains("esk_"));
    let token = run(esign(data.path()).args(["token", "--client", "shop"]));
    assert_eq!(text(&token.stdout).trim().split('.').count(), 3);
    assert!(!run(esign(data.path()).args(["token", "--client", "nobody"])).status.success());

    let mut add = esign(data.path());
    let mut child = add
        .args(["staff", "add", "anna", "--role", "auditor", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("correct horse battery staple\n".as_bytes()).unwrap();
    let added = child.wait_with_output().unwrap();
    assert!(added.status.success() && !text(&added.stdout).contains("horse"));
    let listed = run(esign(data.path()).args(["staff", "list"]));
    assert!(text(&listed.stdout).contains("anna\tauditor\tenabled") && text(&listed.stdout).contains("demo\tadmin"));
}

#[test]
fn verify_needs_nothing_but_the_file() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("letter.txt");
    std::fs::write(&file, "hello").unwrap();
    let unreadable = run(esign(data.path()).arg("verify").arg(&file));
    assert_eq!(unreadable.status.code(), Some(2));
    assert!(text(&unreadable.stdout).starts_with("UNREADABLE"));
    assert_eq!(run(esign(data.path()).args(["verify", "missing.pdf"])).status.code(), Some(2));
    let json = run(esign(data.path()).args(["verify", "--json"]).arg(&file));
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["verdict"], "UNREADABLE");
    assert!(!data.path().join("keys").exists(), "looking at a file makes no keys");
}
