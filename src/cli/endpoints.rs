//! `endpoints`: the catalogue as a list.

use std::process::ExitCode;

use super::{TROUBLE, talk};
use crate::app::fuzzy;
use crate::app::panes::endpoints::{heading, searched};
use crate::pleo::catalogue::Catalogue;

/// Name, method, path, marks and purpose of what fits; grouped as in the catalogue without a filter, best first with one.
fn fitting(filter: &str) -> Option<String> {
    let endpoints = Catalogue::current().endpoints();
    let texts: Vec<String> = endpoints.iter().map(searched).collect();
    let hits = fuzzy::rank(filter, texts.iter().map(String::as_str));
    let name = hits.iter().map(|hit| endpoints[*hit].operation.len()).max()?;
    let path = hits.iter().map(|hit| endpoints[*hit].path.len()).max()?;
    let mut text = String::new();
    let mut group = String::new();
    for hit in hits {
        let endpoint = &endpoints[hit];
        if filter.is_empty() && group != heading(endpoint) {
            group = heading(endpoint);
            text.push_str(&format!("{group}\n"));
        }
        let marks: String = [
            (endpoint.writes, 'W'),
            (endpoint.paging.is_some(), 'P'),
            (endpoint.deprecated, 'D'),
            (endpoint.imported, 'I'),
        ]
        .into_iter()
        .map(|(holds, mark)| if holds { mark } else { '-' })
        .collect();
        text.push_str(&format!(
            "  {:<name$}  {:<6}  {:<path$}  {marks}  {}\n",
            endpoint.operation, endpoint.method, endpoint.path, endpoint.purpose
        ));
    }
    Some(text)
}

/// Prints what fits; a filter that fits nothing is said on stderr.
pub fn print(filter: &str) -> ExitCode {
    match fitting(filter) {
        Some(text) => super::print(&text),
        None => {
            talk(&format!("pleoscope: no operation fits {filter:?}: `pleoscope endpoints` lists all"));
            ExitCode::from(TROUBLE)
        }
    }
}
