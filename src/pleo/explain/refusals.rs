//! What the server finds wrong with a request (400), and what it cannot do now (409, 413, 422): the rules of companies and
//! of exports.

use super::{Answered, Explanation, Told};
use crate::pleo::endpoint::Endpoint;

pub(super) fn bad_request(answered: &Answered<'_>, told: &Told) -> Explanation {
    let endpoint = answered.request.endpoint();
    if told.says("company_id") || told.says("organization_id") || told.says("companyId") {
        let own: Vec<&str> = company_names(endpoint);
        let spelled = if own.is_empty() {
            "this operation has no such query parameter in the catalogue: look at its body".to_owned()
        } else {
            format!("this operation spells it {} in the query", own.join(" or "))
        };
        return Explanation::new("The company is missing, misspelt or in the wrong place.")
            .checked(spelled)
            .checked("bodies say companyId, most queries company_id, employees companyId")
            .next("c in 4 Request picks a company and writes the spelling that is wanted");
    }
    if told.says("contra") {
        return Explanation::new("Contra accounts are missing, so the export cannot run.")
            .checked("set them in Pleo's web app under the accounting settings")
            .next("s sends again after that");
    }
    let headline = if told.message.is_empty() {
        "The server finds the request wrong and does not say where.".to_owned()
    } else {
        format!("The server finds the request wrong: {}", told.message)
    };
    let of = if endpoint.is_free() {
        "the catalogue does not know this operation"
    } else {
        "method and path are those of the catalogue"
    };
    let mut explanation = Explanation::new(headline).checked(of);
    let required: Vec<&str> =
        endpoint.params.iter().filter(|param| param.required).map(|param| param.name.as_str()).collect();
    if !required.is_empty() {
        explanation = explanation.checked(format!("required: {}", required.join(", ")));
    }
    if endpoint.paging.is_some() {
        explanation = explanation.checked("before, after and offset exclude one another; cursors belong to one query");
    }
    if told.says("date") {
        explanation = explanation.checked("families of dates cannot be mixed in one search");
    }
    explanation.next("4 edits the request")
}

/// The names of the query parameters that take a company or an organisation.
fn company_names(endpoint: &Endpoint) -> Vec<&str> {
    let names = ["company_id", "companyId", "organization_id"];
    endpoint.query_params().map(|param| param.name.as_str()).filter(|name| names.contains(name)).collect()
}

/// The rules of exports, by the type that Pleo names (compared without case), and by the status where it is an export.
pub(super) fn conflict(answered: &Answered<'_>, told: &Told) -> Explanation {
    let status = answered.status;
    let export = answered.request.endpoint().path.contains("export");
    let jobs = "3, then / and list-export-jobs, reads the jobs and their status";
    let (rule, next) = if told.says("EXPORT_ALREADY_IN_PROGRESS") {
        ("A company can have one running export job, and it has one.", jobs)
    } else if told.says("INVALID_EXPORT_JOB_STATUS_CHANGE") || told.says("INVALID_STATUS_TRANSITION") {
        ("The job cannot go from its status to that one: pending, in_progress, then completed or failed.", jobs)
    } else if told.says("EXPORT_JOB_ITEMS_UPDATE_LIMIT") || (status == 413 && export) {
        ("Too much at once: an update takes at most 100 items.", "4 edits the body: send it in parts")
    } else if told.says("EXPORT_JOB_STATUS_UNPROCESSABLE") || (status == 422 && export && told.kind.is_empty()) {
        (
            "The job has probably ended, or has expired an hour after its last update: its items take no more changes.",
            jobs,
        )
    } else {
        let rule = match status {
            409 => "It clashes with what is there: another record has this id or code, or something runs already.",
            413 => "The request is larger than the server takes.",
            _ => "The server reads the request and cannot do it.",
        };
        (rule, "4 edits the request")
    };
    let rule = if told.message.is_empty() { rule.to_owned() } else { format!("{rule} It says: {}", told.message) };
    let kind = if told.kind.is_empty() {
        "the server names no type".to_owned()
    } else {
        format!("the server says {}", told.kind)
    };
    Explanation::new(rule).checked(kind).next(next)
}
