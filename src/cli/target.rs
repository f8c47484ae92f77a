//! Which request is meant: METHOD PATH or the name of an operation, with its parameters and body.

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use crate::document::displayable;
use crate::edge::prompt;
use crate::edge::saved::Requests;
use crate::pleo::catalogue::{Catalogue, NotFound};
use crate::pleo::curl::{self, Imported};
use crate::pleo::endpoint::{Method, ParamPlace, Surface, UnknownMethod};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::headers;
use crate::pleo::request::{Draft, DraftError};
use crate::pleo::saved::{Key, NameError};
use crate::pleo::variables::Values;

/// Largest body that is read, in bytes.
const LARGEST_BODY: u64 = 64 * 1024 * 1024;

/// The words and flags that name a request.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// METHOD PATH, such as GET /v2/employees, the name of an operation, such as list-employees, or @ and the name of a saved request.
    #[arg(value_name = "METHOD PATH | OPERATION | @SAVED", required_unless_present = "curl", num_args = 1..=2)]
    target: Vec<String>,
    /// Take the request from a curl command, its credential for this run alone: a file, or - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "legacy"])]
    pub(super) curl: Option<PathBuf>,
    /// A query parameter (may be repeated).
    #[arg(short = 'q', long = "query", value_name = "NAME=VALUE")]
    query: Vec<String>,
    /// A path parameter (may be repeated).
    #[arg(long = "path", value_name = "NAME=VALUE")]
    path: Vec<String>,
    /// A header of your own (may be repeated); the credential goes into Authorization by itself.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// What {{NAME}} in the request stands for (may be repeated); before what the configuration says.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// The body: a file, or - for standard input.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Look the path up on the legacy API (openapi.pleo.io) instead of the External API.
    #[arg(long)]
    legacy: bool,
}

/// Why the words name no request.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// No such operation.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// No such method.
    #[error(transparent)]
    Method(#[from] UnknownMethod),
    /// No such path.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Not a saved request.
    #[error("{0}")]
    Saved(String),
    /// A path alone.
    #[error("{0:?} is a path without a method: write for example GET {0}")]
    NoMethod(String),
    /// A method alone.
    #[error("{0} needs a path: write for example {0} /v2/employees")]
    NoPath(Method),
    /// Not of the form name=value.
    #[error("{flag} {text:?} is not of the form NAME=VALUE: write for example limit=50")]
    NoPair {
        /// Which flag.
        flag: &'static str,
        /// What was given.
        text: String,
    },
    /// A path parameter with two values.
    #[error("{name} is given twice, as {given:?} and as {value:?}: give it once, in the path or by --path")]
    TwoValues {
        /// The parameter.
        name: String,
        /// The value that came first.
        given: String,
        /// The other one.
        value: String,
    },
    /// A curl command that cannot be read, or is none.
    #[error("{0}")]
    Curl(String),
    /// Not a header that may be given.
    #[error("-H: {0}")]
    Header(String),
    /// The body's file cannot be read.
    #[error("the body {file:?} cannot be read: {reason}. Give a file of JSON in UTF-8, or - for standard input")]
    Body {
        /// As given.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
}

impl TargetArgs {
    /// What variables stand for: as the configuration says for the environment, and as the flags say.
    ///
    /// # Errors
    /// [`TargetError::NoPair`].
    pub fn variables(&self, configured: Option<&Values>) -> Result<Values, TargetError> {
        let mut values = configured.cloned().unwrap_or_default();
        for text in &self.var {
            let (name, value) = pair("--var", text)?;
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(values)
    }

    /// Makes the words and flags into a draft; one of a curl command comes with more.
    ///
    /// # Errors
    /// [`TargetError`], a sentence that names the word.
    pub fn imported(&self, environment: Environment, environments: &Environments) -> Result<Imported, TargetError> {
        let Some(file) = &self.curl else {
            let draft = self.draft(environment, environments)?;
            let free = self.saved().filter(|_| draft.endpoint.is_free());
            let remarks = free.map(|name| format!("{name} is not in the catalogue, and taken as a free request"));
            let remarks = remarks.into_iter().collect();
            return Ok(Imported { environment, draft, credential: None, file: None, remarks });
        };
        let told = |sentence: &str| TargetError::Curl(format!("--curl: {sentence}"));
        if file.as_os_str() == "-" && self.body.as_ref().is_some_and(|body| body.as_os_str() == "-") {
            return Err(told("standard input is one of the command and the body, not both"));
        }
        let text = command(file).map_err(|reason| told(&reason))?;
        let mut own = curl::read(&text, environments).map_err(|error| told(&error.to_string()))?;
        if self.body.is_some() {
            let about_file = |remark: &String| !remark.starts_with(curl::IN_A_FILE);
            own.file = None;
            own.remarks.retain(about_file);
        }
        self.make_room(&mut own.draft);
        self.fill(&mut own.draft)?;
        Ok(own)
    }

    /// Makes the words and flags into a draft.
    ///
    /// # Errors
    /// [`TargetError`], a sentence that names the word.
    pub fn draft(&self, environment: Environment, environments: &Environments) -> Result<Draft, TargetError> {
        let mut draft = match self.target.as_slice() {
            [saved, ..] if saved.starts_with('@') => self.saved_draft()?,
            [method, path] => {
                let surface = self.legacy.then_some(Surface::Legacy);
                Draft::from_path(method.parse()?, path, surface, environment, environments)?
            }
            [one] if one.starts_with('/') || one.contains("://") => return Err(TargetError::NoMethod(one.clone())),
            [one] => match one.parse::<Method>() {
                Ok(method) => return Err(TargetError::NoPath(method)),
                Err(_) => Draft::new(Catalogue::current().operation(one)?),
            },
            // clap takes one or two words.
            _ => return Err(TargetError::NoMethod(String::new())),
        };
        self.fill(&mut draft)?;
        Ok(draft)
    }

    /// Whether a body comes with it, which is not the template of its operation.
    #[must_use]
    pub fn brings_body(&self) -> bool {
        self.body.is_some() || self.curl.is_some() || self.saved().is_some()
    }

    /// The name of the saved request that is meant, as it is written, where one is.
    #[must_use]
    pub fn saved(&self) -> Option<&str> {
        self.target.first()?.strip_prefix('@')
    }

    /// The same as it is found: a person's own before one of the repository.
    ///
    /// # Errors
    /// [`TargetError::Saved`].
    pub fn saved_key(&self) -> Result<Key, TargetError> {
        let told = |sentence: String| TargetError::Saved(sentence);
        let key: Key = self.saved().unwrap_or_default().parse().map_err(|error: NameError| told(error.to_string()))?;
        Requests::find().meant(&key).map_err(|error| told(error.to_string()))
    }

    /// The saved request that is meant, without what the flags give in its place.
    fn saved_draft(&self) -> Result<Draft, TargetError> {
        let told = |sentence: String| TargetError::Saved(sentence);
        if self.target.len() > 1 || self.legacy {
            return Err(told(
                "a saved request says itself which operation of which API it is: write its name alone".into(),
            ));
        }
        let key = self.saved_key()?;
        let own = Requests::find().read(&key).map_err(|error| told(error.to_string()))?;
        let mut draft = own.draft().map_err(|error| told(format!("{key}: {error}")))?;
        self.make_room(&mut draft);
        Ok(draft)
    }

    /// Takes out what the flags give in its place.
    fn make_room(&self, draft: &mut Draft) {
        let named = |texts: &[String], name: &str| {
            texts.iter().any(|text| text.split_once('=').is_some_and(|(own, _)| own == name))
        };
        for (param, value) in draft.endpoint.params.iter().zip(&mut draft.values) {
            let given = if param.place == ParamPlace::Path { &self.path } else { &self.query };
            if named(given, &param.name) {
                value.clear();
            }
        }
        draft.extra.retain(|(name, _)| !named(&self.query, name));
        let header = |text: &String, name: &str| {
            text.split_once(':').is_some_and(|(own, _)| own.trim().eq_ignore_ascii_case(name))
        };
        draft.own_headers.retain(|(name, _)| !self.header.iter().any(|text| header(text, name)));
    }

    /// Puts in what the flags give.
    fn fill(&self, draft: &mut Draft) -> Result<(), TargetError> {
        for text in &self.path {
            let (name, value) = pair("--path", text)?;
            if let Some(given) = draft.path_value(name).filter(|given| !given.is_empty() && *given != value) {
                let (name, given, value) = (name.to_owned(), given.to_owned(), value.to_owned());
                return Err(TargetError::TwoValues { name, given, value });
            }
            draft.set_path(name, value)?;
        }
        for text in &self.query {
            let (name, value) = pair("-q", text)?;
            draft.add_query(name, value);
        }
        for text in &self.header {
            draft.own_headers.push(headers::read(text).map_err(TargetError::Header)?);
        }
        if let Some(file) = &self.body {
            draft.body = read(file).map_err(|reason| TargetError::Body { file: file.clone(), reason })?;
        }
        Ok(())
    }
}

fn pair<'a>(flag: &'static str, text: &'a str) -> Result<(&'a str, &'a str), TargetError> {
    let split = text.split_once('=').filter(|(name, _)| !name.is_empty());
    split.ok_or_else(|| TargetError::NoPair { flag, text: text.to_owned() })
}

/// A curl command, which holds a secret: where it is asked for, it is not shown.
fn command(file: &PathBuf) -> Result<Zeroizing<String>, String> {
    if file.as_os_str() == "-" && std::io::stdin().is_terminal() {
        return prompt::ask_text("Paste the curl command, then Enter").map_err(|error| error.to_string());
    }
    let source: Box<dyn std::io::Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let told = |error| format!("{} cannot be read: {error}", displayable(&file.display().to_string()));
        Box::new(std::fs::File::open(file).map_err(told)?)
    };
    // Reserved at once, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(curl::LONGEST + 2));
    source.take(curl::LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err("the command is not UTF-8: save it as text".to_owned())
        }
    }
}

fn read(file: &PathBuf) -> Result<String, String> {
    let mut bytes = Vec::new();
    let source: Box<dyn std::io::Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        // A pipe or a device will do as well: it is read up to the limit.
        Box::new(std::fs::File::open(file).map_err(|error| error.to_string())?)
    };
    source.take(LARGEST_BODY + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST_BODY {
        return Err(format!("it is larger than {} MiB", LARGEST_BODY >> 20));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte order mark, which JSON must not".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 (byte {})", error.utf8_error().valid_up_to()))
}
