use std::net::SocketAddr;

use super::*;
use crate::Secret;

fn sandbox() -> Figment {
    Settings::shipped(Profile::Sandbox)
}

fn refusal(figment: Figment) -> String {
    from_sources(figment).expect_err("must be refused").to_string()
}

/// Everything production asks for, and nothing that belongs to the sandbox.
fn production() -> Figment {
    let gateway = r#"
        [[sms.gateways]]
        name = "primary"
        kind = "http"
        url = "https://sms.example.cn/send"
        receipt_secret = "9f2c"
    "#;
    [
        ("server.public_url", "https://sign.example.cn"),
        ("auth.base_url", "https://auth.example.cn"),
        ("auth.key", "esign"),
        ("auth.secret", "one"),
        ("auth.callback_secret", "whsec_dHdv"),
        ("keys.ring", "k1:AAAA"),
        ("keys.lookup", "AAAA"),
        ("keys.token_dir", "/etc/esign/tokens"),
        ("sealing.key_file", "/etc/esign/key.pem"),
        ("sealing.chain_file", "/etc/esign/chain.pem"),
    ]
    .into_iter()
    .fold(Settings::shipped(Profile::Production).merge(Toml::string(gateway)), Figment::merge)
}

#[test]
fn the_sandbox_needs_nothing_and_everything_follows_from_the_address() {
    let settings =
        from_sources(sandbox().merge(("server.listen", "0.0.0.0:9090")).merge(("data_dir", "/var/x"))).unwrap();
    assert_eq!(settings.server.listen, "0.0.0.0:9090".parse::<SocketAddr>().unwrap());
    assert_eq!(settings.server.public_url, "http://127.0.0.1:9090");
    assert_eq!(settings.database.url, Secret::new("sqlite:///var/x/esign.sqlite"));
    assert_eq!(settings.auth.base_url, "http://127.0.0.1:9090/sandbox/auth-system");
    assert_eq!(settings.sms.gateways[0].url, "http://127.0.0.1:9090/sandbox/sms-gateway/send");
    assert_eq!(settings.limits.requests_per_second, 500);
    let v6 = from_sources(sandbox().merge(("server.listen", "[::]:80"))).unwrap();
    assert_eq!(v6.server.public_url, "http://[::1]:80");
}

#[test]
fn a_public_address_loses_its_slash_and_nothing_else() {
    let settings = from_sources(sandbox().merge(("server.public_url", "https://sign.example.cn/"))).unwrap();
    assert_eq!(settings.server.public_url, "https://sign.example.cn");
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (key, value, named) in [
        ("server.listn", "127.0.0.1:1", "listn"),
        ("server.listen", "everywhere", "server.listen"),
        ("server.public_url", "https://sign.example.cn/path", "server.public_url"),
        ("server.public_url", "sign.example.cn", "server.public_url"),
        ("log.format", "xml", "log.format"),
        ("sms.on_missing_template", "guess", "sms.on_missing_template"),
        ("typo", "x", "typo"),
    ] {
        let told = refusal(sandbox().merge((key, value)));
        assert!(told.contains(named), "{key}={value}: {told}");
    }
    for (key, value) in [
        ("flow.auth_attempts", 0),
        ("jobs.lease_seconds", -1),
        ("flow.download_seconds", 0),
        ("server.header_timeout_seconds", 0),
    ] {
        assert!(refusal(sandbox().merge((key, value))).contains(key), "{key}");
    }
}

#[test]
fn gateways_have_names_that_tell_them_apart() {
    let gateways = |names: [&str; 2]| {
        let text = names.map(|name| format!("[[sms.gateways]]\nname = \"{name}\"\nkind = \"http\"\n")).concat();
        sandbox().merge(Toml::string(&text))
    };
    assert!(from_sources(gateways(["one", "two"])).is_ok());
    assert!(refusal(gateways(["one", "one"])).contains("sms.gateways[1].name"));
    assert!(refusal(gateways(["one", "a/b"])).contains("sms.gateways[1].name"));
    assert!(refusal(sandbox().merge(("sms.gateways", Vec::<String>::new()))).contains("sms.gateways"));
}

/// A gateway of a kind, with these keys besides its name.
fn gateway(kind: &str, keys: &[(&str, &str)]) -> String {
    let lines: Vec<_> = keys.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
    format!("[[sms.gateways]]\nname = \"{kind}\"\nkind = \"{kind}\"\n{}\n", lines.join("\n"))
}

const ALIYUN: [(&str, &str); 3] = [("access_key", "LTAI"), ("secret", "s"), ("sign_name", "云帆")];
const TENCENT: [(&str, &str); 5] = [
    ("access_key", "AKID"),
    ("secret", "s"),
    ("region", "ap-guangzhou"),
    ("sdk_app_id", "1400006666"),
    ("sign_name", "云帆"),
];

#[test]
fn a_carrier_is_told_what_it_needs_and_has_an_address_of_its_own() {
    let both = format!("{}{}", gateway("aliyun", &ALIYUN), gateway("tencent", &TENCENT));
    let settings = from_sources(production().merge(Toml::string(&both))).unwrap();
    let urls: Vec<_> = settings.sms.gateways.iter().map(|gateway| gateway.url.as_str()).collect();
    assert_eq!(urls, ["https://dysmsapi.aliyuncs.com", "https://sms.tencentcloudapi.com"]);
    assert!(settings.sms.gateways.iter().all(crate::SmsGateway::needs_template_code));
    assert!(!from_sources(sandbox()).unwrap().sms.gateways[0].needs_template_code());

    for (kind, keys) in [("aliyun", ALIYUN.as_slice()), ("tencent", TENCENT.as_slice())] {
        for missing in keys {
            let others: Vec<_> = keys.iter().filter(|key| *key != missing).copied().collect();
            for profile in [sandbox(), production()] {
                let told = refusal(profile.merge(Toml::string(&gateway(kind, &others))));
                let named = format!("sms.gateways[0].{}: missing: ", missing.0);
                assert!(told.contains(&named) && told.lines().count() == 2, "{kind}: {told}");
            }
        }
    }
    for url in ["http://127.0.0.1:9", "dysmsapi.aliyuncs.com"] {
        let other: Vec<_> = ALIYUN.into_iter().chain([("url", url)]).collect();
        assert!(refusal(production().merge(Toml::string(&gateway("aliyun", &other)))).contains("sms.gateways[0].url"));
        assert_eq!(from_sources(sandbox().merge(Toml::string(&gateway("aliyun", &other)))).is_ok(), url.contains('/'));
    }
    for key in ["sms.breaker_failures", "sms.breaker_seconds"] {
        assert!(refusal(sandbox().merge((key, 0))).contains(key), "{key}");
    }
}

#[test]
fn a_list_of_gateways_may_come_from_the_environment_with_its_secrets() {
    let list = r#"[{name="primary",kind="aliyun",access_key="LTAI",secret="hush",sign_name="云帆"}]"#;
    let value: figment::value::Value = list.parse().unwrap();
    let settings = from_sources(production().merge(("sms.gateways", value))).unwrap();
    assert_eq!(settings.sms.gateways[0].secret.expose(), "hush");
}

#[test]
fn production_names_everything_that_is_missing_at_once() {
    let told = refusal(Settings::shipped(Profile::Production));
    for key in [
        "server.public_url",
        "auth.base_url",
        "auth.key",
        "auth.secret",
        "auth.callback_secret",
        "keys.ring",
        "keys.lookup",
        "keys.token_dir",
        "sealing.key_file",
        "sealing.chain_file",
        "sms.gateways[0].url",
    ] {
        assert!(told.contains(&format!("{key}:")), "{key} in {told}");
    }
    let settings = from_sources(production()).unwrap();
    assert_eq!(settings.profile, Profile::Production);
    assert!(!settings.server.graphql_introspection);
}

#[test]
fn production_refuses_plain_http_and_what_the_sandbox_ships_with() {
    let shipped = from_sources(sandbox()).unwrap();
    for (key, value) in [
        ("server.public_url", "http://sign.example.cn"),
        ("auth.base_url", "http://auth.example.cn"),
        ("auth.secret", shipped.auth.secret.expose()),
        ("auth.callback_secret", shipped.auth.callback_secret.expose()),
    ] {
        assert!(refusal(production().merge((key, value))).contains(key), "{key}");
    }
}

#[test]
fn a_secret_that_looks_like_a_number_stays_what_it_is() {
    let variable = |name: &str| (name == "ESIGN__AUTH__SECRET").then(|| "007".to_owned());
    let settings = from_sources(with_texts(sandbox().merge(("auth.secret", 7)), &variable)).unwrap();
    assert_eq!(settings.auth.secret.expose(), "007");
}

#[test]
fn settings_print_without_their_secrets() {
    let settings = from_sources(sandbox().merge(("database.url", "postgres://u:hunter2@host/db"))).unwrap();
    let printed = format!("{settings:?}");
    assert!(!printed.contains("hunter2") && !printed.contains(settings.auth.secret.expose()), "{printed}");
    assert!(printed.contains("***"));
}
