//! `saved`: requests under a name, without a screen. stdout is data, stderr is talk.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::send::put;
use super::{Global, TargetArgs, print, talk, trouble, usage};
use crate::document::{displayable, truncate, width};
use crate::edge::folders::FileError;
use crate::edge::saved::{Requests, RequestsError};
use crate::edge::terminal;
use crate::pleo::saved::{Entry, Key, Listing, Place, Saved};
use crate::pleo::variables::Values;

/// Columns of a table where no terminal says how many there are.
const USUAL_WIDTH: usize = 120;

/// What is done with saved requests; without a word they are listed.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A name is NAME or FOLDER/NAME; ./NAME is one of the repository, in .pleoscope/requests of this folder or the nearest above it, up to the repository's root. `pleoscope send @NAME` sends one, `pleoscope open @NAME` opens the explorer with it; what is given on the line goes before what is saved. The files are TOML, for their owner alone. They hold no credential and belong to no environment; {{NAME}} in them is a variable, which --var, [variables] of the configuration or an answer fills in."
)]
pub struct SavedArgs {
    /// How the list is printed.
    #[arg(short, long, value_enum, default_value_t)]
    output: ListOutput,
    #[command(subcommand)]
    deed: Option<Deed>,
}

/// How the list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListOutput {
    /// For people.
    #[default]
    Table,
    /// One array.
    Json,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Print the file of one.
    Show {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = key)]
        name: Key,
    },
    /// Save a request, named as `send` names it; nothing is sent.
    Save(Box<SaveArgs>),
    /// Give one another name, or put it into another folder.
    Rename {
        /// Its name.
        #[arg(value_name = "OLD", value_parser = key)]
        from: Key,
        /// The new one.
        #[arg(value_name = "NEW", value_parser = key)]
        to: Key,
        /// Replace what has that name, without being asked.
        #[arg(long)]
        replace: bool,
    },
    /// Remove one.
    Rm {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = key)]
        name: Key,
    },
    /// Print the folders, or the file of one.
    Path {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = key)]
        name: Option<Key>,
    },
}

#[derive(Debug, Args)]
struct SaveArgs {
    /// What it will be called.
    #[arg(value_name = "NAME", value_parser = key)]
    name: Key,
    #[command(flatten)]
    target: TargetArgs,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Replace what has that name, without being asked.
    #[arg(long)]
    replace: bool,
}

/// A name as it is written on a command line, perhaps as `send` takes it.
fn key(text: &str) -> Result<Key, String> {
    text.strip_prefix('@').unwrap_or(text).parse().map_err(|error: crate::pleo::saved::NameError| error.to_string())
}

/// Does it.
pub async fn run(global: &Global, args: &SavedArgs) -> ExitCode {
    let requests = Requests::find();
    let told = match &args.deed {
        None => Ok(list(&requests, args.output)),
        Some(Deed::Show { name }) => show(&requests, name),
        Some(Deed::Save(args)) => save(global, &requests, args).await,
        Some(Deed::Rename { from, to, replace }) => rename(global, &requests, from, to, *replace).await,
        Some(Deed::Rm { name }) => {
            requests.meant(name).and_then(|name| requests.remove(&name)).map(|()| ExitCode::SUCCESS).map_err(refused)
        }
        Some(Deed::Path { name: None }) => Ok(folders(&requests)),
        Some(Deed::Path { name: Some(name) }) => {
            let file = requests.meant(name).and_then(|name| requests.file(&name));
            file.map(|file| print(&format!("{}\n", shown(&file)))).map_err(refused)
        }
    };
    told.unwrap_or_else(|code| code)
}

fn shown(path: &Path) -> String {
    displayable(&path.display().to_string()).into_owned()
}

fn refused(error: RequestsError) -> ExitCode {
    match error {
        RequestsError::File(FileError::System { .. }) => trouble(&error.to_string()),
        error => usage(&error.to_string()),
    }
}

fn list(requests: &Requests, output: ListOutput) -> ExitCode {
    let listing = requests.list();
    for remark in &listing.remarks {
        talk(&format!("pleoscope: {}", displayable(remark)));
    }
    match output {
        ListOutput::Json => {
            let all: Vec<_> = listing.entries.iter().map(|entry| object(requests, entry)).collect();
            print(&format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default()))
        }
        ListOutput::Table if listing.entries.is_empty() => {
            talk(
                "pleoscope: nothing is saved yet: `pleoscope saved save NAME GET /v2/employees` saves one, o in the explorer too",
            );
            ExitCode::SUCCESS
        }
        ListOutput::Table => print(&table(&listing)),
    }
}

fn object(requests: &Requests, entry: &Entry) -> serde_json::Value {
    let own = entry.own.as_ref().ok();
    json!({
        "name": entry.key.to_string(),
        "place": entry.key.place.word(),
        "file": requests.file(&entry.key).ok().map(|file| file.display().to_string()),
        "method": own.map(|own| own.method.as_str()),
        "path": own.map(|own| own.path.as_str()),
        "api": own.map(|own| own.surface.name().to_ascii_lowercase()),
        "description": own.map(|own| own.description.as_str()),
        "variables": own.map(|own| own.variables.clone()),
        "inCatalogue": own.map(|own| !own.free),
        "error": entry.own.as_ref().err(),
    })
}

/// The list for people: descriptions give way where a terminal is narrow.
fn table(listing: &Listing) -> String {
    let rows: Vec<[String; 4]> = listing
        .entries
        .iter()
        .map(|entry| {
            let name = entry.key.to_string();
            match &entry.own {
                Ok(own) => {
                    let free = if own.free { " (not in the catalogue)" } else { "" };
                    let about = own.description.lines().next().unwrap_or_default();
                    [name, own.method.to_string(), format!("{}{free}", own.path), about.to_owned()]
                }
                Err(reason) => [name, "✗".to_owned(), String::new(), reason.clone()],
            }
        })
        .collect();
    let read = |column: usize| rows.iter().filter(move |row| column != 2 || !row[2].is_empty());
    let widths: Vec<usize> =
        (0..3).map(|column| read(column).map(|row| width(&displayable(&row[column]))).max().unwrap_or(0)).collect();
    let room = if io::stdout().is_terminal() { terminal::columns().unwrap_or(USUAL_WIDTH) } else { usize::MAX };
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let cell = displayable(cell);
            // What cannot be read is told where the path would stand.
            if column == 2 && cell.is_empty() {
                continue;
            }
            let space = widths.get(column).map_or(0, |columns| columns.saturating_sub(width(&cell)) + 2);
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', space));
        }
        text.push_str(&truncate(line.trim_end(), room));
        text.push('\n');
    }
    text
}

fn folders(requests: &Requests) -> ExitCode {
    let places = Place::ALL.into_iter().filter_map(|place| Some((place, requests.root(place).ok()?)));
    let lines: String = places.map(|(place, folder)| format!("{:<10}  {}\n", place.word(), shown(&folder))).collect();
    print(&lines)
}

fn show(requests: &Requests, name: &Key) -> Result<ExitCode, ExitCode> {
    let name = requests.meant(name).map_err(refused)?;
    let text = requests.text(&name).map_err(refused)?;
    let mut out = io::stdout().lock();
    match put(&mut out, text.as_bytes(), io::stdout().is_terminal()).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(trouble(&format!("stdout cannot be written: {error}"))),
    }
    // What is damaged is shown all the same: by somebody who mends it.
    requests.read(&name).map(|_| ExitCode::SUCCESS).map_err(refused)
}

async fn save(global: &Global, requests: &Requests, args: &SaveArgs) -> Result<ExitCode, ExitCode> {
    let setup = global.setup_command().await?;
    if !args.target.variables(None).is_ok_and(|values: Values| values.is_empty()) {
        return Err(usage("a saved request keeps its variables as they are: give --var when it is sent"));
    }
    let imported =
        args.target.imported(global.env(), &setup.environments).map_err(|error| usage(&error.to_string()))?;
    if let Some(file) = &imported.file {
        let file = displayable(file);
        let sentence = format!("the body of the curl command is in the file {file}: add --body {file}");
        return Err(usage(&sentence));
    }
    for remark in &imported.remarks {
        talk(&format!("pleoscope: {remark}"));
    }
    let mut draft = imported.draft;
    if draft.endpoint.writes && !args.target.brings_body() {
        // A template is there to be looked at and filled in; nobody has seen it here.
        draft.body.clear();
    }
    if let Some(credential) = &imported.credential {
        setup.tools.vault.know(std::slice::from_ref(credential));
        talk("pleoscope: the credential of the curl command is not saved");
    }
    let redactor = setup.tools.vault.redactor();
    let known = |text: &str| matches!(redactor.text(text), Cow::Owned(_));
    let own = Saved::of(&draft, args.description.as_deref().unwrap_or_default())
        .map_err(|error| usage(&error.to_string()))?;
    let replaced = |over| requests.save(&args.name, &own, over, &known);
    let file = match replaced(args.replace) {
        Err(RequestsError::Exists(key)) => {
            ask_to_replace(&key)?;
            replaced(true)
        }
        file => file,
    };
    talk(&format!("pleoscope: saved as {} in {}", args.name, shown(&file.map_err(refused)?)));
    Ok(ExitCode::SUCCESS)
}

async fn rename(
    global: &Global,
    requests: &Requests,
    from: &Key,
    to: &Key,
    replace: bool,
) -> Result<ExitCode, ExitCode> {
    let setup = global.setup_command().await?;
    let redactor = setup.tools.vault.redactor();
    let known = |text: &str| matches!(redactor.text(text), Cow::Owned(_));
    let from = requests.meant(from).map_err(refused)?;
    let renamed = match requests.rename(&from, to, replace, &known) {
        Err(RequestsError::Exists(key)) => {
            ask_to_replace(&key)?;
            requests.rename(&from, to, true, &known)
        }
        renamed => renamed,
    };
    renamed.map(|()| ExitCode::SUCCESS).map_err(refused)
}

/// Asks whether one is replaced, where there is somebody to ask.
fn ask_to_replace(key: &Key) -> Result<(), ExitCode> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(usage(&format!("there is a saved request {key} already: --replace replaces it")));
    }
    let asked = write!(io::stderr(), "There is a saved request {key} already. Replace it? Type yes: ");
    let mut typed = String::new();
    asked
        .and_then(|()| io::stderr().flush())
        .and_then(|()| io::stdin().read_line(&mut typed))
        .map_err(|error| trouble(&format!("the terminal cannot be used: {error}")))?;
    if typed.trim() == "yes" { Ok(()) } else { Err(usage("nothing was changed")) }
}
