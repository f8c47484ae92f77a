//! How a request is sent and its answer printed: the flags that are not about which request it is.

use clap::{Args, ValueEnum};

use crate::pleo::endpoint::Paging;
use crate::pleo::handing::Form;
use crate::pleo::paging::MOST_PAGES;
use crate::pleo::request::Draft;

/// How the body is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Indented; numbers, order and duplicates stay as sent. What is not JSON is printed as it came.
    #[default]
    Json,
    /// As it came.
    Raw,
    /// The records as comma-separated values (RFC 4180), the names first.
    Csv,
    /// The records, each on a line of its own, as sent.
    Ndjson,
    /// The records as a table that fits the terminal.
    Table,
}

impl Output {
    /// Whether records are printed rather than an answer.
    #[must_use]
    pub const fn is_of_records(self) -> bool {
        matches!(self, Self::Csv | Self::Ndjson | Self::Table)
    }
}

/// The flags of `send` and of `history resend`.
#[derive(Debug, Args)]
pub struct Way {
    /// How the body is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Print the records of all pages, at the pace that Pleo allows.
    #[arg(long)]
    pub all: bool,
    /// Most pages that --all asks for.
    #[arg(long, value_name = "COUNT", requires = "all", default_value_t = MOST_PAGES)]
    pub max_pages: u64,
    /// Begin behind the record that this cursor stands for, as a run that was incomplete says.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// Put an apostrophe before CSV cells that a spreadsheet would take for formulas.
    #[arg(long)]
    pub csv_safe: bool,
    /// Print what this jq expression makes of the answer, a result after the other.
    #[arg(long, value_name = "EXPRESSION")]
    pub jq: Option<String>,
    /// Tell on stderr what is sent and received, over what, and how long which phase took.
    #[arg(short, long)]
    pub verbose: bool,
    /// Print the request in this form, and send nothing.
    #[arg(long = "as", value_name = "curl|send|httpie|python|fetch|http|har|markdown", conflicts_with_all = ["all", "jq", "include", "output"])]
    pub form: Option<Form>,
    /// Print status and headers before the body.
    #[arg(short, long)]
    pub include: bool,
    /// The stored credential of this name, instead of the one that fits.
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// Let this one request change live data.
    #[arg(long)]
    pub allow_production_write: bool,
}

impl Way {
    /// What is wrong with flags that do not go together, a sentence.
    #[must_use]
    pub fn contradiction(&self) -> Option<&'static str> {
        let records = self.all || self.output.is_of_records();
        match self {
            Self { all: true, output: Output::Raw, .. } => {
                Some("-o raw prints one answer as it came, and --all joins many: use -o json or -o ndjson")
            }
            Self { jq: Some(_), .. } if records => {
                Some("--jq filters one whole answer: print records with -o ndjson, and filter those")
            }
            Self { include: true, .. } if records => {
                Some("--include prints the head of one answer as it came: use it without --all, with -o json or -o raw")
            }
            Self { verbose: true, .. } if records => {
                Some("--verbose tells of one answer as it came: use it without --all, with -o json or -o raw")
            }
            Self { csv_safe: true, output, .. } if *output != Output::Csv => Some("--csv-safe is for -o csv"),
            _ => None,
        }
    }

    /// Lets the list begin behind a cursor.
    ///
    /// # Errors
    /// A sentence, where it cannot.
    pub fn begin_after(&self, draft: &mut Draft) -> Result<(), &'static str> {
        let Some(cursor) = &self.after else {
            return Ok(());
        };
        if draft.endpoint.paging == Some(Paging::PageOffset) {
            return Err("--after gives a cursor, and the legacy API has none: use -q pageOffset=");
        }
        if draft.query().iter().any(|(name, _)| *name == "after") {
            return Err("after is given twice, by --after and as a parameter: give it once");
        }
        draft.add_query("after", cursor);
        Ok(())
    }
}
