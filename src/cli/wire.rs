//! How long one waits, and whose certificates are trusted besides those of the system.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::usage;
use crate::edge::config::ConfiguredTimeouts;
use crate::edge::http::{Authorities, Http};
use crate::edge::variables;
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::timing::{GivenTimeouts, Timeouts};
use crate::units;

/// The flags of the wire.
#[derive(Clone, Debug, Args)]
pub(super) struct WireArgs {
    /// Trust the certificate authorities of this file too, in PEM; verification is always on.
    #[arg(long, global = true, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Wait so long for a connection (10s without it).
    #[arg(long, global = true, value_name = "TIME", value_parser = time, env = "PLEOSCOPE_CONNECT_TIMEOUT", hide_env = true, help_heading = "Limits")]
    connect_timeout: Option<Duration>,
    /// Wait so long for status and headers (30s without it).
    #[arg(long, global = true, value_name = "TIME", value_parser = time, env = "PLEOSCOPE_FIRST_BYTE_TIMEOUT", hide_env = true, help_heading = "Limits")]
    first_byte_timeout: Option<Duration>,
    /// Wait so long for the next byte of a body (30s without it).
    #[arg(long, global = true, value_name = "TIME", value_parser = time, env = "PLEOSCOPE_IDLE_TIMEOUT", hide_env = true, help_heading = "Limits")]
    idle_timeout: Option<Duration>,
}

fn time(text: &str) -> Result<Duration, String> {
    units::time(text).ok_or_else(|| "a time is written like 10s or 500ms, and is not 0".to_owned())
}

impl WireArgs {
    /// The HTTP clients of this run. A file that names no certificate authority is told before anything is sent.
    pub fn http(&self, environments: &Environments, configured: &ConfiguredTimeouts) -> Result<Arc<Http>, ExitCode> {
        let given = GivenTimeouts {
            connect: self.connect_timeout,
            first_byte: self.first_byte_timeout,
            idle: self.idle_timeout,
        };
        let timeouts: BTreeMap<Environment, Timeouts> = Environment::ALL
            .into_iter()
            .map(|environment| (environment, given.over(configured.of(environment))))
            .collect();
        let named = match (&self.cacert, variables::authorities()) {
            (Some(file), _) => Some(("--cacert", file.clone())),
            (None, file) => file.map(|file| ("SSL_CERT_FILE", file)),
        };
        let authorities = match named {
            Some((name, file)) => {
                Authorities::read(&file, name).map_err(|sentence| usage(&format!("{name}: {sentence}")))?
            }
            None => Authorities::default(),
        };
        Ok(Arc::new(Http::new(environments.clone()).with(timeouts, authorities)))
    }
}
