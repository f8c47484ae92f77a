//! The manual, completions, the log and the doctor.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::{code, err, out, pleoscope, run};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("at-home-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_manual_has_every_part_and_a_page_for_every_command() {
    let page = run(&["man"]);
    assert_eq!((code(&page), err(&page).as_str()), (0, ""));
    for part in [".SH NAME", ".SH OPTIONS", ".SH KEYS", ".SH ENVIRONMENT", ".SH FILES", ".SH \"EXIT STATUS\""] {
        let bare = part.replace('"', "");
        assert!(out(&page).contains(part) || out(&page).contains(&bare), "{part}");
    }
    assert!(out(&page).contains("PLEOSCOPE_CONFIG_DIR") && out(&page).contains("Ctrl\\-t"));
    let folder = folder("man");
    let written = run(&["man", "--dir", folder.to_str().unwrap()]);
    assert_eq!(code(&written), 0, "{}", err(&written));
    for name in ["pleoscope.1", "pleoscope-send.1", "pleoscope-auth-login.1", "pleoscope-config-check.1"] {
        assert!(folder.join(name).exists(), "{name}");
    }
    assert_eq!(fs::read_to_string(folder.join("pleoscope.1")).unwrap(), out(&page));
    assert!(!folder.join("pleoscope-complete.1").exists(), "it is for scripts");
}

/// Completes a line in a real bash with the script that it is given.
fn bash(line: &str) -> String {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_pleoscope"));
    let script = r#"
        eval "$(pleoscope completions bash)"
        COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
        COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
        compopt() { printf 'nospace\n'; }
        _pleoscope pleoscope
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash", line])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", binary.parent().unwrap().display()))
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    assert_eq!(err(&output), "", "{line}");
    out(&output)
}

#[test]
fn bash_completes_paths_operations_environments_and_parameters() {
    assert_eq!(bash("pleoscope send GET /v2/employees/"), "/v2/employees/{employeeId}\n");
    assert_eq!(bash("pleoscope --env s"), "staging\n");
    assert_eq!(bash("pleoscope send --env=pro"), "production\n", "what is behind the = alone");
    assert_eq!(bash("pleoscope send list-employees -q limi"), "nospace\nlimit=\n");
    assert!(bash("pleoscope send create-tax").contains("create-tax-code"));
    let behind_a_colon = bash("pleoscope send POST /v1/accounting-entries:");
    assert!(
        behind_a_colon.lines().all(|line| !line.contains(':')) && behind_a_colon.contains("search"),
        "{behind_a_colon}"
    );
    assert!(bash("pleoscope conf").contains("config"));
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert!(code(&script) == 0 && out(&script).contains("complete -- "), "{shell}");
    }
}

#[test]
fn a_log_tells_what_happened_and_no_secret_value_or_body() {
    let folder = folder("log");
    let log = folder.join("run.log");
    fs::write(&log, "{\"what\":\"earlier\"}\n").unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
    let args = ["--sandbox", "send", "GET", "/v2/employees", "-q", "email=CNRY%40x.example"];
    let ran = pleoscope(&args).env("PLEOSCOPE_LOG", &log).output().unwrap();
    assert_eq!(code(&ran), 0, "{}", err(&ran));
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let what: Vec<&str> = lines.iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["earlier", "start", "work", "request", "status", "answered", "end"], "{text}");
    assert!(lines[3]["url"].as_str().unwrap().ends_with("/v2/employees?email=…"), "{text}");
    assert!(lines[3]["credential"].as_str().unwrap().contains("token") && lines[4]["status"] == 200, "{text}");
    assert!(!text.contains("CNRY") && !text.contains("Bearer") && !text.contains("firstName"), "{text}");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    for (path, word) in [(folder.join("no/such/run.log"), "cannot be written"), (folder.clone(), "no ordinary file")] {
        let refused = run(&["--log", path.to_str().unwrap(), "keys"]);
        assert_eq!(code(&refused), 2);
        assert!(err(&refused).contains(word) && err(&refused).lines().count() == 1, "{}", err(&refused));
    }
    let link = folder.join("link.log");
    std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
    assert_eq!(code(&run(&["--log", link.to_str().unwrap(), "keys"])), 2);
    assert!(!folder.join("elsewhere").exists());
}

fn doctor(folder: &std::path::Path, args: &[&str]) -> std::process::Output {
    let mut command = pleoscope(&[&["doctor", "-o", "json"], args].concat());
    command.env("PLEOSCOPE_CONFIG_DIR", folder).env("PLEOSCOPE_STATE_DIR", folder.join("state"));
    command.env("PLEOSCOPE_STAGING_API_KEY", "CNRY-doctor-0123456789").output().unwrap()
}

#[test]
fn the_doctor_finds_a_sandbox_fine_and_tells_times_and_the_clock() {
    let folder = folder("doctor-fine");
    let ran = doctor(&folder, &["--sandbox"]);
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((code(&ran), told["fine"].as_bool()), (0, Some(true)), "{told:#}");
    let what = |name: &str| {
        let checks = told["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {told:#}"));
        found["what"].as_str().unwrap().to_owned()
    };
    assert!(what("catalogue").starts_with("160 operations"));
    assert!(what("staging API").contains(", TCP "));
    assert!(!what("staging API").contains("DNS"), "an address is not looked up: {told:#}");
    assert!(what("production answer").contains("without a credential"));
    assert_eq!(what("staging clock"), "agrees with this machine's");
    assert!(!out(&ran).contains("CNRY"));
}

#[test]
fn the_doctor_sends_nothing_offline_and_names_a_remedy_for_what_is_broken() {
    let folder = folder("doctor-broken");
    fs::write(folder.join("config.toml"), "[respons]\n").unwrap();
    fs::write(folder.join("credentials.toml"), "# ours\n").unwrap();
    fs::set_permissions(folder.join("credentials.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = doctor(&folder, &["--offline"]);
    assert_eq!(code(&ran), 1);
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let broken: Vec<&serde_json::Value> =
        told["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "broken").collect();
    let names: Vec<&str> = broken.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["config.toml", "credentials.toml"], "{told:#}");
    assert!(broken.iter().all(|check| check["remedy"].as_str().unwrap().starts_with("Run `")), "{told:#}");
    assert!(out(&ran).contains("not asked") && !out(&ran).contains("CNRY"), "{told:#}");
    let closed = ["--base-url", "staging=http://127.0.0.1:9", "--base-url", "production=http://127.0.0.2:9"];
    let ran = doctor(&folder, &closed);
    assert_eq!(code(&ran), 1);
    assert!(out(&ran).contains("no connection to 127.0.0.1"), "{}", out(&ran));
}

/// What a server answers by TLS, as long as the program runs, whoever connects.
fn tls_server(config: std::sync::Arc<rustls::ServerConfig>) -> std::net::SocketAddr {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(std::sync::Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            // One that only looks whether somebody is there sends nothing.
            if matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    address
}

#[test]
fn the_doctor_tells_tls_and_the_certificate_of_each_environment() {
    let folder = folder("doctor-tls");
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Own authority");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().der().clone();
    let issuer = rcgen::Issuer::new(params, key);
    let server = |days: i64| {
        let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
        let end = today.checked_add(jiff::Span::new().days(days)).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("of {days} days"));
        let (month, day) = (u8::try_from(end.month()).unwrap(), u8::try_from(end.day()).unwrap());
        params.not_after = rcgen::date_time_ymd(i32::from(end.year()), month, day);
        let own = params.signed_by(&key, &issuer).unwrap().der().clone();
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own], rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        tls_server(std::sync::Arc::new(config))
    };
    let (near, far) = (server(9), server(90));
    let pem = |der: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    let file = folder.join("authorities.pem");
    fs::write(&file, pem(&authority)).unwrap();
    let hosts: Vec<String> = [("staging", near), ("production", far)]
        .iter()
        .flat_map(|(name, at)| ["", "legacy-", "auth-"].map(|part| format!("{part}{name}=https://{at}")))
        .collect();
    let mut args: Vec<&str> = hosts.iter().flat_map(|host| ["--base-url", host]).collect();
    let refused = doctor(&folder, &args);
    args.extend(["--cacert", file.to_str().unwrap()]);
    let ran = doctor(&folder, &args);
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let check = |told: &serde_json::Value, name: &str| {
        let found = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {told:#}")).clone()
    };
    assert_eq!(code(&ran), 0, "{told:#}");
    let tls = check(&told, "staging TLS");
    assert!(tls["what"].as_str().unwrap().starts_with("TLS 1.3, TLS13_") && tls["more"]["milliseconds"].is_number());
    let soon = check(&told, "staging certificate");
    assert_eq!((soon["state"].as_str(), soon["more"]["subject"].as_str()), (Some("odd"), Some("CN=of 9 days")));
    assert!((8..=9).contains(&soon["more"]["days_left"].as_i64().unwrap()), "{soon:#}");
    let fine = check(&told, "production certificate");
    assert_eq!((fine["state"].as_str(), fine["more"]["issuer"].as_str()), (Some("ok"), Some("CN=Own authority")));
    // Without the file nobody vouches for it; whose it is is told all the same.
    let told: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(code(&refused), 1, "{told:#}");
    let shown = check(&told, "production certificate");
    assert_eq!((shown["state"].as_str(), shown["more"]["subject"].as_str()), (Some("broken"), Some("CN=of 90 days")));
}

#[test]
fn the_doctor_says_what_stands_in_the_place_of_our_folders_and_of_the_history() {
    let folder = folder("doctor-places");
    let (file, state) = (folder.join("a-file"), folder.join("state"));
    fs::write(&file, "not a folder").unwrap();
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::symlink(&file, state.join("history.db")).unwrap();
    let ask = |config: &std::path::Path, state: &std::path::Path| {
        let mut command = pleoscope(&["doctor", "--offline"]);
        command.env("PLEOSCOPE_CONFIG_DIR", config).env("PLEOSCOPE_STATE_DIR", state);
        command.output().unwrap()
    };
    let ran = ask(&file, &file);
    let told = out(&ran);
    assert_eq!(code(&ran), 1, "{told}");
    for (name, variable) in [("configuration folder", "PLEOSCOPE_CONFIG_DIR"), ("state folder", "PLEOSCOPE_STATE_DIR")]
    {
        let what = format!("  broken {name:<24} {} is a file, where a folder is needed", file.display());
        assert!(told.contains(&what) && told.contains(&format!("or set {variable} to a folder.")), "{told}");
    }
    assert!(!told.contains("os error") && !told.contains("config check"), "{told}");
    let ran = ask(&folder, &state);
    let told = out(&ran);
    assert_eq!(code(&ran), 0, "{told}");
    assert!(told.contains("history.db is a link, which is never opened") && !told.contains("damaged"), "{told}");
    let history = state.join("history.db");
    let mut newer = b"SQLite format 3\0".to_vec();
    newer.resize(100, 0);
    newer[63] = 99;
    for (bytes, what) in [(&newer[..], "written by a newer pleoscope (version 99"), (b"no database", "is damaged")] {
        fs::remove_file(&history).unwrap();
        fs::write(&history, bytes).unwrap();
        fs::set_permissions(&history, fs::Permissions::from_mode(0o600)).unwrap();
        let told = out(&ask(&folder, &state));
        assert!(told.contains(what), "{told}");
        assert_eq!(fs::read(&history).unwrap(), bytes, "it is only looked at");
    }
    fs::create_dir(folder.join("requests")).unwrap();
    fs::write(folder.join("requests/broken.toml"), "request = 7").unwrap();
    let told = out(&ask(&folder, &state));
    assert!(told.contains("broken: ") && told.contains("Mend the file, or remove it."), "{told}");
}
