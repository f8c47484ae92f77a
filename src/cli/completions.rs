//! Completions: a short script a shell, which asks this program for what a word may become, so that a new operation or
//! credential is offered without a new script.

use std::process::ExitCode;

use clap::{Arg, Command, CommandFactory as _};

use super::{Cli, print};
use crate::app::looks::Looks;
use crate::document;
use crate::edge::config;
use crate::edge::folders::Folders;
use crate::edge::saved::Requests;
use crate::pleo::catalogue::Catalogue;
use crate::pleo::endpoint::{Endpoint, Method, ParamPlace, Surface};
use crate::pleo::environment::Environment;
use crate::pleo::saved::Entry;

/// Prints the script of a shell.
pub fn script(shell: clap_complete::Shell) -> ExitCode {
    use clap_complete::Shell;
    print(match shell {
        Shell::Bash => include_str!("completions/bash.sh"),
        Shell::Zsh => include_str!("completions/zsh.sh"),
        Shell::Fish => include_str!("completions/fish.fish"),
        Shell::Elvish => include_str!("completions/elvish.elv"),
        _ => include_str!("completions/powershell.ps1"),
    })
}

/// Prints what the last word of a command line may become: a candidate a line, and what it is behind a tab.
pub fn complete(line: &str) -> ExitCode {
    let mut text = String::new();
    for (candidate, about) in candidates(line) {
        let about = about.lines().next().unwrap_or_default();
        text.push_str(&format!("{}\t{}\n", document::displayable(&candidate), document::displayable(about)));
    }
    print(&text)
}

type Candidates = Vec<(String, String)>;

/// What is known of the line before its last word.
struct Place {
    command: Command,
    /// The words that are no flags, of this command.
    words: Vec<String>,
    /// The environment that is named, if one is.
    environment: Environment,
    legacy: bool,
    /// Whether a name for what is saved stood before them.
    named: bool,
    /// The flag whose value comes next.
    waits: Option<Arg>,
}

fn candidates(line: &str) -> Candidates {
    let mut words = split(line);
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        return Vec::new();
    }
    let mut root = Cli::command();
    root.build();
    let place = place(root, &words[1..]);
    let all = if let Some(flag) = &place.waits {
        values(&place, flag)
    } else if let Some((flag, _)) = last.split_once('=').filter(|_| last.starts_with("--")) {
        let flag = flag.to_owned();
        let of = find_flag(&place.command, &flag).map(|own| values(&place, own)).unwrap_or_default();
        of.into_iter().map(|(value, about)| (format!("{flag}={value}"), about)).collect()
    } else if last.starts_with('-') {
        flags(&place.command)
    } else {
        positionals(&place)
    };
    all.into_iter().filter(|(candidate, _)| candidate.starts_with(&last)).collect()
}

/// Words as a shell takes them, as far as what is completed here needs it.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut escaped = false;
    for c in line.chars() {
        let Some(word) = words.last_mut() else {
            break;
        };
        match (quote, c) {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(String::new());
                }
            }
            (_, c) => word.push(c),
        }
    }
    words
}

fn place(root: Command, words: &[String]) -> Place {
    let (environment, legacy, named) = (Environment::Staging, false, false);
    let mut place = Place { command: root, words: Vec::new(), environment, legacy, named, waits: None };
    for word in words {
        if let Some(flag) = place.waits.take() {
            note(&mut place, &flag, word);
        } else if word.starts_with('-') && word.len() > 1 {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            place.legacy |= name == "--legacy";
            let Some(flag) = find_flag(&place.command, name).cloned() else {
                continue;
            };
            match value {
                Some(value) => note(&mut place, &flag, value),
                None if flag.get_action().takes_values() => place.waits = Some(flag),
                None => {}
            }
        } else if let Some(next) = place.command.find_subcommand(word).cloned().filter(|_| place.words.is_empty()) {
            place.command = next;
        } else if place.command.get_name() == "save" && !place.named {
            place.named = true;
        } else {
            place.words.push(word.clone());
        }
    }
    place
}

fn note(place: &mut Place, flag: &Arg, value: &str) {
    if flag.get_id() == "env" {
        place.environment = value.parse().unwrap_or(place.environment);
    }
}

fn find_flag<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| {
        let long = arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long));
        long || arg.get_short().is_some_and(|short| name == format!("-{short}"))
    })
}

fn flags(command: &Command) -> Candidates {
    let flags = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let long = |arg: &Arg| {
        let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Some((format!("--{}", arg.get_long()?), about))
    };
    flags.filter_map(long).collect()
}

/// What a flag may be given.
fn values(place: &Place, flag: &Arg) -> Candidates {
    let bare = |names: Vec<String>| names.into_iter().map(|name| (name, String::new())).collect();
    match flag.get_id().as_str() {
        "env" => bare(Environment::ALL.map(|environment| environment.name().to_owned()).to_vec()),
        "theme" => {
            let looks =
                Folders::find().map_or_else(|_| Looks::default(), |folders| config::load(&folders).config.looks);
            bare(looks.names().into_iter().map(str::to_owned).collect())
        }
        "base_url" => {
            let places = ["", "auth-", "legacy-"];
            bare(
                Environment::ALL.iter().flat_map(|own| places.map(|place| format!("{place}{}=", own.name()))).collect(),
            )
        }
        "credential" => bare(credentials(place.environment)),
        "query" => parameters(place, ParamPlace::Query),
        "path" => parameters(place, ParamPlace::Path),
        _ => possible(flag),
    }
}

/// The names of saved requests, with what they are for.
fn saved(before: &str) -> Candidates {
    let listing = Requests::find().list();
    let told = |entry: &Entry| match &entry.own {
        Ok(own) if own.description.is_empty() => format!("{} {}", own.method, own.path),
        Ok(own) => own.description.clone(),
        Err(_) => "cannot be read".to_owned(),
    };
    listing.entries.iter().map(|entry| (format!("{before}{}", entry.key), told(entry))).collect()
}

/// The values that are written down where a flag or a word is defined.
fn possible(arg: &Arg) -> Candidates {
    let about = |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
    let all = arg.get_possible_values();
    if !all.is_empty() {
        return all.iter().map(|value| (value.get_name().to_owned(), about(value))).collect();
    }
    // `curl|send|httpie` names them as well.
    let name = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
    let words: Vec<&str> = name.split('|').collect();
    let are_words =
        words.len() > 1 && words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    if are_words { words.into_iter().map(|word| (word.to_owned(), String::new())).collect() } else { Vec::new() }
}

fn credentials(environment: Environment) -> Vec<String> {
    let loaded = Folders::find().map(|folders| config::load(&folders)).unwrap_or_default();
    let own = loaded.config.entries.into_iter().filter(|entry| entry.environment == environment);
    own.map(|entry| entry.name).collect()
}

fn parameters(place: &Place, of: ParamPlace) -> Candidates {
    let Some(endpoint) = endpoint(place) else {
        return Vec::new();
    };
    endpoint
        .params
        .iter()
        .filter(|param| param.place == of)
        .flat_map(|param| {
            let filled = param.choices.iter().map(|choice| (format!("{}={choice}", param.name), String::new()));
            let about = if param.required { "required" } else { "" };
            [(format!("{}=", param.name), about.to_owned())].into_iter().chain(filled)
        })
        .collect()
}

/// The operation that the words name so far.
fn endpoint(place: &Place) -> Option<&'static Endpoint> {
    let catalogue = Catalogue::current();
    match place.words.as_slice() {
        [saved] if saved.starts_with('@') => {
            let requests = Requests::find();
            let key = requests.meant(&saved[1..].parse().ok()?).ok()?;
            let own = requests.read(&key).ok()?;
            catalogue.find(own.surface, own.method, &own.path).map(|(endpoint, _)| endpoint)
        }
        [operation] => catalogue.operation(operation).ok(),
        [method, path, ..] => {
            let method: Method = method.parse().ok()?;
            let surface = if place.legacy { Surface::Legacy } else { Surface::External };
            catalogue.find(surface, method, path).map(|(endpoint, _)| endpoint)
        }
        [] => None,
    }
}

/// What a word that is no flag may be.
fn positionals(place: &Place) -> Candidates {
    let number = place.words.len();
    let of_saved = ["show", "save", "rename", "rm", "path"].contains(&place.command.get_name());
    let next = place.command.get_positionals().nth(number + usize::from(place.named));
    if of_saved && next.is_some_and(|arg| ["name", "from", "to"].contains(&arg.get_id().as_str())) {
        return saved("");
    }
    let takes_target = place.command.get_positionals().any(|arg| arg.get_id() == "target");
    if takes_target {
        return targets(place);
    }
    let subcommands = place.command.get_subcommands().filter(|own| number == 0 && !own.is_hide_set());
    let mut all: Candidates = subcommands
        .map(|own| (own.get_name().to_owned(), own.get_about().map(ToString::to_string).unwrap_or_default()))
        .collect();
    if let Some(arg) = place.command.get_positionals().nth(number) {
        if ["remove", "test"].contains(&place.command.get_name()) && arg.get_id() == "name" {
            all.extend(Environment::ALL.into_iter().flat_map(credentials).map(|name| (name, String::new())));
        }
        all.extend(possible(arg));
    }
    all
}

/// A method or an operation; behind a method the paths that it has.
fn targets(place: &Place) -> Candidates {
    let endpoints = Catalogue::current().endpoints();
    match place.words.as_slice() {
        [] => {
            let methods = Method::ALL.map(|method| (method.as_str().to_owned(), "a method, before a path".to_owned()));
            let named = endpoints.iter().map(|own| (own.operation.clone(), own.purpose.clone()));
            methods.into_iter().chain(named).chain(saved("@")).collect()
        }
        [method] => {
            let Ok(method) = method.parse::<Method>() else {
                return Vec::new();
            };
            let surface = if place.legacy { Surface::Legacy } else { Surface::External };
            let own = endpoints.iter().filter(|own| own.method == method && own.surface == surface);
            own.map(|own| (own.path.clone(), own.purpose.clone())).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        candidates(line).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn paths_methods_operations_and_parameters_are_offered() {
        assert_eq!(names("pleoscope send GET /v2/employees"), ["/v2/employees", "/v2/employees/{employeeId}"]);
        assert!(names("pleoscope send list-emp").contains(&"list-employees".to_owned()));
        assert!(names("pleoscope --env production open P").contains(&"PATCH".to_owned()));
        assert!(names("pleoscope send POST /v").iter().any(|path| path.ends_with(":search")));
        assert_eq!(names("pleoscope send GET /v1/ --legac"), ["--legacy"]);
        assert!(names("pleoscope send --legacy GET /v1/emp").contains(&"/v1/employees".to_owned()));
        assert!(names("pleoscope send list-employees -q lim").contains(&"limit=".to_owned()));
        assert_eq!(names("pleoscope send GET /v2/employees/{employeeId} --path e"), ["employeeId="]);
    }

    #[test]
    fn commands_flags_and_their_values_are_offered() {
        assert_eq!(names("pleoscope --env "), ["staging", "production"]);
        assert_eq!(names("pleoscope send --env=p"), ["--env=production"]);
        assert!(names("pleoscope --theme ").contains(&"high-contrast".to_owned()));
        assert_eq!(names("pleoscope completions f"), ["fish"]);
        assert_eq!(names("pleoscope config "), ["path", "check", "edit", "help"]);
        assert!(names("pleoscope ").contains(&"doctor".to_owned()) || names("pleoscope ").contains(&"send".to_owned()));
        assert!(names("pleoscope send GET /v2/employees -").contains(&"--include".to_owned()));
        assert!(names("pleoscope send GET /v2/employees -o ").contains(&"ndjson".to_owned()));
        assert!(!names("pleoscope ").contains(&"complete".to_owned()), "it is for scripts");
    }

    #[test]
    fn words_are_taken_apart_as_a_shell_does() {
        assert_eq!(split("a 'b c' d\\ e \"f\" "), ["a", "b c", "d e", "f", ""]);
    }
}
