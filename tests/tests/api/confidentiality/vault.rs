//! The root key in HashiCorp Vault: it never leaves it, and what holds without an answer from it (C074).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::framework::SHIPPED;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_institution, new_pupil, set_password};
use groeilijn_tests::vault::{ADMINISTRATOR, Mood, SERVER, Vault};
use groeilijn_tests::{Authenticator, Client, Installation, Server, both_databases};
use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;

use crate::program::{Program, command, refusal};

/// The name of the key, by default.
const KEY: &str = "groeilijn";

/// A file with a token.
fn token_file(folder: &Path, token: &str) -> PathBuf {
    let path = folder.join("vault-token");
    fs::write(&path, format!("{token}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// The program with its root key in a Vault, which it is known to by a token.
fn with(installation: &Installation, vault: &Vault, token: &str, arguments: &[&str]) -> Command {
    let mut command = command(installation, arguments);
    command
        .env("GROEILIJN_KEYS__VAULT_ADDRESS", vault.address())
        .env("GROEILIJN_KEYS__VAULT_TOKEN_FILE", token_file(installation.folder(), token));
    command
}

#[track_caller]
fn told(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Has a service, whose root key is in a file, keep it in a Vault from now on.
fn moved(server: &mut Server) -> (Vault, Server) {
    let vault = Vault::start();
    vault.make_anew(KEY, "aes256-gcm96");
    let placeholder = Installation::fresh(server.installation().database()).unwrap();
    let old = std::mem::replace(server, Server::start(placeholder, TestClock::at(START)));
    let mut installation = old.stop();
    told(with(&installation, &vault, ADMINISTRATOR, &["keys", "rotate", "institutions"]).output().unwrap());
    fs::remove_file(installation.settings().keys.root_key_file).unwrap();
    installation.set("keys.vault_address", &vault.address());
    let token = token_file(installation.folder(), SERVER);
    installation.set("keys.vault_token_file", token.to_str().unwrap());
    (vault, Server::start(installation, TestClock::at(START)))
}

fn status(client: &Client, path: &str) -> u16 {
    client.get(path).status
}

both_databases! {
    fn c074_an_installation_is_made_and_served_with_its_root_key_in_vault(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let vault = Vault::start();
        let statement = bare.folder().join("statement.pdf");
        fs::write(&statement, "Verzonnen geheimhoudingsverklaring").unwrap();
        let arguments = [
            "init", "--platform-administrator", PLATFORM_ADMINISTRATOR, "--first-name", "Priem", "--last-name",
            "Platform", "--statement", statement.to_str().unwrap(), "--signed-on", "2026-11-01",
        ];
        // Who may only use keys makes none.
        let refused = refusal(with(&bare, &vault, SERVER, &arguments).output().unwrap());
        assert!(refused.contains("keys.vault_address") && refused.contains("vault write -f"), "{refused}");
        told(with(&bare, &vault, ADMINISTRATOR, &arguments).output().unwrap());
        assert!(!bare.settings().keys.root_key_file.exists());

        let serve = || Program::start(with(&bare, &vault, SERVER, &["serve"]), bare.mailbox());
        let program = serve();
        set_password(&program.anyone(), PLATFORM_ADMINISTRATOR);
        let administrator = program.anyone().log_in(PLATFORM_ADMINISTRATOR, PASSWORD);
        let app = Authenticator::bind(&administrator);

        // Rotated while it serves, by whoever may.
        let refused = refusal(with(&bare, &vault, SERVER, &["keys", "rotate", "root"]).output().unwrap());
        assert!(refused.contains("keys.vault_address") && refused.contains("may not rotate"), "{refused}");
        let said = told(with(&bare, &vault, ADMINISTRATOR, &["keys", "rotate", "root"]).output().unwrap());
        assert!(said.contains("keys rotate institutions"), "{said}");
        assert_eq!(vault.versions(KEY), (1, 2));
        let status = || told(with(&bare, &vault, SERVER, &["keys", "status"]).output().unwrap());
        assert!(status().contains(" version 1: wraps ") && !status().contains("MISSING"), "{}", status());
        told(with(&bare, &vault, ADMINISTRATOR, &["keys", "rotate", "institutions"]).output().unwrap());
        assert_eq!(vault.versions(KEY), (2, 2));
        assert!(status().contains(" version 2: wraps ") && !status().contains(" version 1: wraps "), "{}", status());
        assert_eq!(administrator.list("/v1/frameworks").len(), SHIPPED);

        // Who may not change the key leaves that to Vault's administrator.
        told(with(&bare, &vault, ADMINISTRATOR, &["keys", "rotate", "root"]).output().unwrap());
        let output = with(&bare, &vault, SERVER, &["keys", "rotate", "institutions"]).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stderr).contains("min_decryption_version to 3"));
        told(output);
        assert_eq!(vault.versions(KEY), (2, 3));
        program.kill();

        let program = serve();
        let code = app.code_in(30);
        let tokens = program.anyone().try_log_in_with_code(PLATFORM_ADMINISTRATOR, PASSWORD, &code).expect(201).json();
        assert_eq!(program.anyone().with_token(&text(&tokens["accessToken"])).list("/v1/frameworks").len(), SHIPPED);
        // Nothing but keys was ever sent, and no two of them under the same name.
        assert!(vault.seen().chunks(2).all(|sent| sent[0].len() == 32));
    }

    fn c074_without_vault_what_is_open_goes_on_and_the_rest_is_asked_to_come_back(server: Server) {
        let (vault, server) = moved(server);
        let school = server.school();
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let path = format!("/v1/pupils/{pupil}");
        let anyone = server.anyone();
        let new_school = |name: &str| server.platform().post("/v1/institutions", &new_institution(name));
        let email = text(&new_institution(&school.domain)["administrator"]["email"]);
        let log_in = || anyone.log_in(&email, PASSWORD);
        vault.asked();
        for _ in 0..20 {
            school.admin.get(&path).expect(200);
            school.admin.post("/v1/pupils", &new_pupil("Daan")).expect(201);
        }
        assert_eq!(vault.asked(), 0, "an institution's key is in memory");

        for (count, mood) in [Mood::Away, Mood::Sealed].into_iter().enumerate() {
            vault.be(mood);
            server.clock.advance(SignedDuration::from_mins(11));
            // Nobody but Vault opens the key of a new institution, nor makes it.
            let refused = new_school(&format!("nieuw-{count}.example")).expect(503);
            assert_eq!(refused.header("retry-after"), "2");
            assert_eq!(status(&anyone, "/readyz"), 503);
            assert_eq!(status(&anyone, "/healthz"), 200);
            // What was opened within the hour serves on, also to log in and for new children.
            let admin = log_in();
            admin.get(&path).expect(200);
            admin.post("/v1/pupils", &new_pupil("Sam")).expect(201);
            let asked = vault.asked();
            assert!(asked < 10, "{asked}: a Vault that fails is left alone for a moment");
            vault.be(Mood::Well);
            server.clock.advance(SignedDuration::from_secs(4));
            assert_eq!(status(&anyone, "/readyz"), 200);
            new_school(&format!("nieuw-{count}.example")).expect(201);
        }

        vault.be(Mood::Away);
        server.clock.advance(SignedDuration::from_mins(61));
        let refused = anyone.try_log_in(&email, PASSWORD).expect(503);
        assert_eq!(refused.header("retry-after"), "2");
        vault.be(Mood::Well);
        server.clock.advance(SignedDuration::from_secs(4));
        log_in().get(&path).expect(200);
    }

    fn a_token_that_was_renewed_in_its_file_is_used_without_a_restart(server: Server) {
        let (vault, server) = moved(server);
        let new_school = |name: &str| server.platform().post("/v1/institutions", &new_institution(name));
        new_school("een.example").expect(201);
        vault.issue_like(SERVER, "hvs.renewed");
        vault.revoke(SERVER);
        let refused = new_school("twee.example").expect(503);
        assert!(!String::from_utf8(refused.body).unwrap().contains("hvs."));
        token_file(server.installation().folder(), "hvs.renewed");
        server.clock.advance(SignedDuration::from_secs(4));
        new_school("twee.example").expect(201);
    }

    fn a_vault_that_cannot_serve_is_refused_at_the_start_by_its_setting(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let vault = Vault::start();
        told(with(&bare, &vault, ADMINISTRATOR, &["init"]).output().unwrap());
        let refused = |token: &str, parts: &[&str]| {
            let told = refusal(with(&bare, &vault, token, &["serve"]).output().unwrap());
            assert!(told.contains("keys.vault_address") && parts.iter().all(|part| told.contains(part)), "{told}");
            assert!(!told.contains("hvs."), "{told}");
        };
        refused("hvs.unknown", &["403", "permission denied", "policy"]);
        for (mood, why) in [(Mood::Away, "see that it runs"), (Mood::Sealed, "Vault is sealed"), (Mood::Old, "1.13")] {
            vault.be(mood);
            refused(SERVER, &[why]);
        }
        vault.be(Mood::Well);
        drop(Program::start(with(&bare, &vault, SERVER, &["serve"]), bare.mailbox()));

        for (flag, why) in
            [("exportable", "exported"), ("allow_plaintext_backup", "in the clear"), ("imported_key", "imported")]
        {
            vault.describe_as(KEY, Some(flag));
            refused(SERVER, &[why]);
        }
        vault.describe_as(KEY, None);

        vault.make_anew(KEY, "aes256-gcm96");
        refused(SERVER, &["is not the root key of", "keys.url", "Vault's backup"]);
        vault.make_anew(KEY, "rsa-4096");
        refused(SERVER, &["rsa-4096", "aes256-gcm96"]);
        vault.delete(KEY);
        refused(SERVER, &["no key groeilijn", "transit/"]);
        let lost = refusal(with(&bare, &vault, ADMINISTRATOR, &["init"]).output().unwrap());
        assert!(lost.contains("keys.vault_address") && lost.contains("is not there"), "{lost}");

        let nobody = with(&bare, &vault, SERVER, &["serve"]).env("GROEILIJN_KEYS__VAULT_ADDRESS", "http://127.0.0.1:1").output();
        let told = refusal(nobody.unwrap());
        assert!(told.contains("keys.vault_address") && told.contains("see that it runs"), "{told}");
        let both = with(&bare, &vault, SERVER, &["serve"]).env("GROEILIJN_KEYS__ROOT_KEY_CREDENTIAL", "root").output();
        let told = refusal(both.unwrap());
        assert!(told.contains("keys.vault_address") && told.contains("keys.root_key_credential"), "{told}");
        let without = with(&bare, &vault, SERVER, &["serve"]).env_remove("GROEILIJN_KEYS__VAULT_TOKEN_FILE").output();
        assert!(refusal(without.unwrap()).contains("keys.vault_token_file"));
    }

    fn vault_is_trusted_by_its_certificate_alone(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let vault = Vault::start_with_tls(config);
        let refused = refusal(with(&bare, &vault, ADMINISTRATOR, &["init"]).output().unwrap());
        assert!(refused.contains("keys.vault_address"), "{refused}");
        assert_eq!(vault.asked(), 0);
        let root = bare.folder().join("vault.pem");
        fs::write(&root, certificate.pem()).unwrap();
        let trusting = |token: &str, arguments: &[&str]| {
            let mut command = with(&bare, &vault, token, arguments);
            command.env("GROEILIJN_KEYS__VAULT_ROOT_FILE", &root);
            command
        };
        told(trusting(ADMINISTRATOR, &["init"]).output().unwrap());
        drop(Program::start(trusting(SERVER, &["serve"]), bare.mailbox()));
        fs::write(&root, "geen certificaat").unwrap();
        assert!(refusal(trusting(SERVER, &["serve"]).output().unwrap()).contains("keys.vault_root_file"));
    }
}
