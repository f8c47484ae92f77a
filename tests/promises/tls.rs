//! Certificates of an authority that exists for one test, and of others that nobody should trust.

use std::sync::Arc;

use base64::Engine as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// It is for another name.
    WrongName,
    /// It vouches for itself.
    SelfSigned,
    /// An authority that nobody knows signed it.
    UnknownAuthority,
    /// The certificate between it and the authority is not sent.
    MissingIntermediate,
}

/// An authority, and the file that tells the program to trust it.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
}

impl Authority {
    /// A new one, with new keys.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = authority(name);
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), der }
    }

    /// Its certificate as a file for `SSL_CERT_FILE`.
    pub fn pem(&self) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(&self.der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// What a server needs that calls itself by these names.
    pub fn server(&self, names: &[&str], flaw: Flaw) -> Arc<ServerConfig> {
        let names = if flaw == Flaw::WrongName { &["wrong.example"][..] } else { names };
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
        match flaw {
            Flaw::Expired => {
                params.not_before = rcgen::date_time_ymd(2019, 1, 1);
                params.not_after = rcgen::date_time_ymd(2020, 1, 1);
            }
            Flaw::NotYet => params.not_before = rcgen::date_time_ymd(2100, 1, 1),
            _ => {}
        }
        let key = KeyPair::generate().unwrap();
        let leaf = match flaw {
            Flaw::SelfSigned => params.self_signed(&key),
            Flaw::UnknownAuthority => params.signed_by(&key, &Self::new("Nobody's authority").issuer),
            Flaw::MissingIntermediate => {
                let (between, between_key) = (authority("Between"), KeyPair::generate().unwrap());
                between.signed_by(&between_key, &self.issuer).unwrap();
                params.signed_by(&key, &Issuer::new(between, between_key))
            }
            _ => params.signed_by(&key, &self.issuer),
        };
        let chain = vec![leaf.unwrap().der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // It offers no HTTP/2, so what arrives can be read as it is.
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
