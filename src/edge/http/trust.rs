//! Whom TLS trusts: the authorities of the system, and those of a file that a person names. Verification is always on.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::certificate;
use super::connect::note;
use super::suites::{self, NoSessions};
use crate::document::displayable;
use crate::pleo::timing::Tls;

/// More certificate authorities, from a file.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    shown: Option<String>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Reads a file of certificates in PEM, which was named by this flag or variable.
    ///
    /// # Errors
    /// A sentence that names the file and says what is wrong with it.
    pub fn read(path: &Path, by: &str) -> Result<Self, String> {
        let file = displayable(&path.display().to_string()).into_owned();
        let wrong = |reason: &str| {
            format!(
                "the certificate authorities of {file} cannot be used: {reason}. Name a file of certificates in PEM, each between BEGIN CERTIFICATE and END CERTIFICATE"
            )
        };
        let text = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let certificates = certificates.map_err(|error| wrong(&format!("it is no PEM ({error})")))?;
        // A bundle may hold some that are no good for this; one that is will do.
        let usable = |own: &CertificateDer<'static>| RootCertStore::empty().add(own.clone()).is_ok();
        let certificates: Vec<_> = certificates.into_iter().filter(usable).collect();
        if certificates.is_empty() {
            return Err(wrong("there is no certificate in it that can vouch for others"));
        }
        Ok(Self { shown: Some(format!("{file} ({by})")), certificates })
    }

    /// The file and what named it, as they may be shown.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }
}

/// How TLS is spoken: by whom the server must be vouched for, and what is offered to it.
#[derive(Clone, Debug)]
pub(super) struct Trust(ClientConfig);

impl Trust {
    pub fn new(authorities: &Authorities) -> Result<Self, rustls::Error> {
        let provider = Arc::new(suites::provider());
        let inner = Verifier::new_with_extra_roots(authorities.certificates.clone(), Arc::clone(&provider))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Noting { inner }))
            .with_no_client_auth();
        config.resumption = Resumption::store(Arc::new(NoSessions));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(config))
    }

    pub fn into_config(self) -> ClientConfig {
        self.0
    }
}

/// The verifier, which decides alone; what it is shown is noted for people, refused or not.
#[derive(Debug)]
struct Noting {
    inner: Verifier,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let read = certificate::read(end_entity).unwrap_or_default();
        let (subject, issuer, expires) = (read.subject, read.issuer, read.expires);
        note(|line| line.shown(Tls { subject, issuer, expires, ..Tls::default() }));
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.inner.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.inner.root_hint_subjects()
    }
}
