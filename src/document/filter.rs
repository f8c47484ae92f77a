//! The jq filter: an expression over a body, each result as compact JSON on a line of its own.
//!
//! Evaluation cannot be interrupted, may take any memory and recurses as deep as values are nested: run it where that harms
//! nobody. Nothing here sees the process: no environment, no files, no modules, no local time.

mod complain;
mod reading;
mod writing;

use std::ops::{ControlFlow, Range};

use bytes::Bytes;
use jaq_core::data::HasLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, DataT, Lut, Vars};
use jaq_json::Val;
use jaq_std::input::{HasInputs, Inputs, RcIter};

use reading::Documents;
use writing::Writer;

/// Our own additions to the language, and what stands for filters that would show something of the process.
const PRELUDE: &str = include_str!("filter/prelude.jq");
/// Native filters that show the process's environment or its time zone.
const WITHHELD: [&str; 3] = ["env", "localtime", "strflocaltime"];

/// Why a filter yields no results, or no more of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The expression itself is wrong.
    #[error("{sentence}")]
    Expression {
        /// What is wrong, for a person.
        sentence: String,
        /// Which bytes of the expression; empty at its end.
        range: Range<usize>,
    },
    /// The body is no JSON, or not to its end.
    #[error("The filter needs JSON, and the body is not: {0}.")]
    Input(String),
    /// The expression does not fit what it met.
    #[error("The filter stopped: {0}.")]
    Stopped(String),
}

impl FilterError {
    /// Which bytes of the expression are wrong, where it is the expression.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        match self {
            Self::Expression { range, .. } => Some(range.clone()),
            Self::Input(_) | Self::Stopped(_) => None,
        }
    }
}

/// A compiled expression.
pub struct Filter(jaq_core::Filter<Language>);

/// What values are, and what a running filter can reach.
struct Language;

impl DataT for Language {
    type V<'a> = Val;
    type Data<'a> = Reach<'a>;
}

#[derive(Clone)]
struct Reach<'a> {
    lut: &'a Lut<Language>,
    documents: Inputs<'a, Val>,
}

impl<'a> HasLut<'a, Language> for Reach<'a> {
    fn lut(&self) -> &'a Lut<Language> {
        self.lut
    }
}

impl<'a> HasInputs<'a, Val> for Reach<'a> {
    fn inputs(&self) -> Inputs<'a, Val> {
        self.documents
    }
}

impl Filter {
    /// Compiles an expression. It recurses as deep as the expression is nested.
    ///
    /// # Errors
    /// [`FilterError::Expression`].
    pub fn new(expression: &str) -> Result<Self, FilterError> {
        if expression.trim().is_empty() {
            return Err(complain::empty(expression));
        }
        let arena = Arena::default();
        let modules = Loader::new(definitions())
            .load(&arena, File { code: expression, path: () })
            .map_err(|errors| complain::load(expression, &errors))?;
        load::import(&modules, |_| Err(complain::NO_MODULES.to_owned()))
            .map_err(|errors| complain::load(expression, &errors))?;
        Compiler::default()
            .with_funs(native())
            .with_global_vars(["$ENV"])
            .compile(modules)
            .map(Self)
            .map_err(|errors| complain::compile(expression, &errors))
    }

    /// Runs it over each JSON document of a body and writes the results, several lines or a part of one at a time. A reader
    /// that breaks off ends it without an error.
    ///
    /// Numbers that are passed through keep how they were written, and members their order; of members with one name the last
    /// counts. What JSON cannot say is written like jq does: `null` for not a number, the largest number for infinity. Bytes
    /// that are no UTF-8 stay as they are.
    ///
    /// # Errors
    /// [`FilterError::Input`] or [`FilterError::Stopped`], after the results before it were written.
    pub fn run(&self, body: Bytes, write: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), FilterError> {
        let mut writer = Writer::new(write);
        let documents = RcIter::new(Documents::new(body));
        let documents: Inputs<'_, Val> = &documents;
        let mut result = Ok(());
        'documents: for document in documents {
            let document = match document {
                Ok(document) => document,
                Err(sentence) => {
                    result = Err(FilterError::Input(sentence));
                    break;
                }
            };
            let reach = Reach { lut: &self.0.lut, documents };
            let environment = Val::obj(jaq_json::Map::default());
            let context = Ctx::<Language>::new(reach, Vars::new([environment]));
            for yielded in self.0.id.run((context, document)) {
                match yielded {
                    Ok(value) => {
                        if writer.line(&value).is_break() {
                            return Ok(());
                        }
                    }
                    Err(exception) => {
                        // Anything else is the end of the run that `halt` asks for.
                        result = exception.get_err().map_or(Ok(()), |error| Err(complain::stopped(&error)));
                        break 'documents;
                    }
                }
            }
        }
        // There is nothing after it that it could break off.
        let _ = writer.flush();
        result
    }
}

/// The filters that are written in the language itself; of one name the last counts.
fn definitions() -> impl Iterator<Item = load::parse::Def<&'static str>> {
    let ours = load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
    jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(ours)
}

/// The filters that are not.
fn native() -> impl Iterator<Item = jaq_core::native::Fun<Language>> {
    let inputs = jaq_std::input::funs::<Language>().into_vec().into_iter().map(jaq_core::native::run::<Language>);
    let all = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).chain(inputs);
    all.filter(|(name, ..)| !WITHHELD.contains(name))
}

/// With how many arguments there are filters of this name.
fn arities(name: &str) -> Vec<usize> {
    let defined = definitions().filter(|filter| filter.name == name).map(|filter| filter.args.len());
    let native = native().filter(|filter| filter.0 == name).map(|filter| filter.1.len());
    let mut arities: Vec<usize> = defined.chain(native).collect();
    arities.sort_unstable();
    arities.dedup();
    arities
}

#[cfg(test)]
mod tests;
