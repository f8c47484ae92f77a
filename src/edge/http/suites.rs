//! Cipher suites that say when they are chosen: each does what the one below it does, and notes its name when the first
//! keys are made.

use std::sync::LazyLock;

use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::{
    CipherSuite, CipherSuiteCommon, ConnectionTrafficSecrets, NamedGroup, SupportedCipherSuite, Tls12CipherSuite,
    Tls13CipherSuite,
};

use super::connect::note;
use super::measure::Line;

/// What a connection may be ciphered with. Made once: suites live as long as the program.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> =
    LazyLock::new(|| aws_lc_rs::DEFAULT_CIPHER_SUITES.iter().copied().map(noting).collect());

/// The usual ciphers, each of which notes that it was chosen.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { cipher_suites: SUITES.clone(), ..aws_lc_rs::default_provider() }
}

fn noting(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    match suite {
        SupportedCipherSuite::Tls13(own) => {
            let aead_alg = Box::leak(Box::new(Noting { suite: own.common.suite, inner: own.aead_alg }));
            let (hkdf_provider, quic) = (own.hkdf_provider, own.quic);
            let noting = Tls13CipherSuite { common: common(&own.common), hkdf_provider, aead_alg, quic };
            SupportedCipherSuite::Tls13(Box::leak(Box::new(noting)))
        }
        SupportedCipherSuite::Tls12(own) => {
            let aead_alg = Box::leak(Box::new(Noting { suite: own.common.suite, inner: own.aead_alg }));
            let (prf_provider, kx, sign) = (own.prf_provider, own.kx, own.sign);
            let noting = Tls12CipherSuite { common: common(&own.common), prf_provider, kx, sign, aead_alg };
            SupportedCipherSuite::Tls12(Box::leak(Box::new(noting)))
        }
    }
}

const fn common(own: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: own.suite,
        hash_provider: own.hash_provider,
        confidentiality_limit: own.confidentiality_limit,
    }
}

/// What ciphers, and the name under which it is known.
struct Noting<A: ?Sized + 'static> {
    suite: CipherSuite,
    inner: &'static A,
}

impl<A: ?Sized> Noting<A> {
    fn chosen(&self, version: &str) {
        note(|line| line.chose(version, self.suite.as_str().unwrap_or_default()));
    }
}

impl Tls13AeadAlgorithm for Noting<dyn Tls13AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        self.chosen("TLS 1.3");
        self.inner.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.inner.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.inner.key_len()
    }

    fn extract_keys(&self, key: AeadKey, iv: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.inner.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.inner.fips()
    }
}

impl Tls12AeadAlgorithm for Noting<dyn Tls12AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        self.chosen("TLS 1.2");
        self.inner.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        self.inner.decrypter(key, iv)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.inner.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.inner.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.inner.fips()
    }
}

/// Keeps no session, so that each connection shows its certificate and is verified anew; it is asked for one where TLS
/// begins, which is noted.
#[derive(Debug)]
pub(super) struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        note(Line::agreeing);
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
