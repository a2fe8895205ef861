//! TLS in the program itself, and where it does without (C064).

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use groeilijn_tests::{Installation, both_databases};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};

use crate::program::{Program, command, refusal};

/// Files with a certificate and its key.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn of(installation: &Installation) -> Self {
        let folder = installation.folder();
        Self { certificate: folder.join("tls.pem"), key: folder.join("tls.key") }
    }

    /// Puts a new certificate and its key there.
    fn renew(&self) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        self.write_key(&key.serialize_pem(), 0o600);
        fs::write(&self.certificate, certificate.pem()).unwrap();
        certificate.der().clone()
    }

    fn write_key(&self, text: &str, mode: u32) {
        fs::write(&self.key, text).unwrap();
        fs::set_permissions(&self.key, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn program(&self, installation: &Installation) -> std::process::Command {
        let mut command = command(installation, &["serve"]);
        command
            .env("GROEILIJN_HTTP__TLS_CERTIFICATE_FILE", &self.certificate)
            .env("GROEILIJN_HTTP__TLS_KEY_FILE", &self.key);
        command
    }
}

/// Asks for `/healthz` over TLS, of a server that shows this certificate: the answer, and the version of TLS.
fn ask(address: SocketAddr, trusted: &CertificateDer<'static>) -> Result<(String, ProtocolVersion), String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut answer = String::new();
    // The server may close without a farewell.
    let _ = stream.read_to_string(&mut answer);
    Ok((answer, stream.conn.protocol_version().unwrap()))
}

both_databases! {
    fn c064_tls_ends_in_the_program_and_nothing_else_is_spoken_there(installation: Installation) {
        let files = Files::of(installation);
        let certificate = files.renew();
        let program = Program::start(files.program(installation), installation.mailbox());
        let (answer, version) = ask(program.address(), &certificate).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("strict-transport-security: max-age=31536000"), "{answer}");
        assert_eq!(version, ProtocolVersion::TLSv1_3);
        assert!(program.anyone().call("GET", "/healthz").try_send().is_err());
    }

    fn c064_a_renewed_certificate_is_taken_and_a_broken_one_is_not(installation: Installation) {
        let files = Files::of(installation);
        let first = files.renew();
        let program = Program::start(files.program(installation), installation.mailbox());
        let second = files.renew();
        program.signal("-HUP");
        program.wait_for_log("the TLS certificate was read again");
        assert!(ask(program.address(), &first).is_err());
        ask(program.address(), &second).unwrap();

        fs::write(&files.certificate, "no certificate").unwrap();
        program.signal("-HUP");
        program.wait_for_log("the present TLS certificate stays in use");
        ask(program.address(), &second).unwrap();
    }

    fn c064_what_tls_cannot_do_with_is_refused_by_its_setting(installation: Installation) {
        let files = Files::of(installation);
        files.renew();
        let refused = |command: &mut std::process::Command| refusal(command.output().unwrap());
        let text = refused(command(installation, &["serve"]).env("GROEILIJN_HTTP__TLS_KEY_FILE", &files.key));
        assert!(text.contains("http.tls_certificate_file"), "{text}");
        let key = fs::read_to_string(&files.key).unwrap();
        for (other, mode) in [("", 0o600), (&*KeyPair::generate().unwrap().serialize_pem(), 0o600), (&key, 0o604)] {
            files.write_key(other, mode);
            let text = refused(&mut files.program(installation));
            assert!(text.contains("http.tls_key_file"), "{text}");
        }
        files.write_key(&key, 0o600);
        fs::write(&files.certificate, "").unwrap();
        let text = refused(&mut files.program(installation));
        assert!(text.contains("http.tls_certificate_file"), "{text}");
    }

    fn c064_an_address_that_others_reach_needs_tls_or_a_proxy(installation: Installation) {
        for address in ["0.0.0.0", "::", "192.0.2.1"] {
            let text = refusal(
                command(installation, &["serve"]).env("GROEILIJN_HTTP__ADDRESS", address).output().unwrap(),
            );
            for part in ["http.address", "http.tls_certificate_file", "http.trusted_proxies", "127.0.0.1"] {
                assert!(text.contains(part), "{text}");
            }
        }
        let mut behind_proxy = command(installation, &["serve"]);
        behind_proxy
            .env("GROEILIJN_HTTP__ADDRESS", "0.0.0.0")
            .env("GROEILIJN_HTTP__TRUSTED_PROXIES", "192.0.2.1");
        drop(Program::start(behind_proxy, installation.mailbox()));
        let files = Files::of(installation);
        files.renew();
        let mut with_tls = files.program(installation);
        with_tls.env("GROEILIJN_HTTP__ADDRESS", "0.0.0.0");
        drop(Program::start(with_tls, installation.mailbox()));
    }
}
