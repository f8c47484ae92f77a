//! One operation: its parameters, body and answers in the catalogue's words.

use serde_json::Value;

use super::Document;
use super::schema::{self, Budget};
use crate::pleo::endpoint::{BodyShape, Endpoint, Method, Paging, Param, ParamPlace, ScopeSource, ValueType};
use crate::pleo::model::Models;

/// Parameters that one operation may have.
const MOST_PARAMETERS: usize = 200;

/// A text made harmless and short: white space is one blank, what cannot be seen is left out.
pub fn clean(text: &str, most: usize) -> String {
    let mut clean = String::new();
    for c in text.chars().filter(|c| !is_unseen(*c)).map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
    {
        if c != ' ' || !(clean.is_empty() || clean.ends_with(' ')) {
            clean.push(c);
        }
        // Enough to know that it is too long.
        if clean.len() > most * 4 {
            break;
        }
    }
    let clean = clean.trim_end();
    if clean.chars().count() <= most {
        return clean.to_owned();
    }
    let cut: String = clean.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Characters that turn the direction of text, join or tag it, and are not seen themselves.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Reads an operation.
///
/// # Errors
/// Why it cannot be offered, in words.
pub fn read(
    document: &Document<'_>,
    method: Method,
    path: &str,
    shared: Option<&Value>,
    operation: &Value,
) -> Result<Endpoint, String> {
    if !operation.is_object() {
        return Err("it is not an object".to_owned());
    }
    let names = template(path)?;
    let mut params: Vec<Param> = Vec::new();
    for list in [shared, operation.get("parameters")].into_iter().flatten() {
        for given in list.as_array().into_iter().flatten() {
            let Some(param) = parameter(document, given)? else { continue };
            params.retain(|known| (known.place, &known.name) != (param.place, &param.name));
            params.push(param);
        }
    }
    if params.len() > MOST_PARAMETERS {
        return Err(format!("it has more than {MOST_PARAMETERS} parameters"));
    }
    let query: Vec<Param> = params.iter().filter(|param| param.place == ParamPlace::Query).cloned().collect();
    let described = |name: &String| {
        let own = params.iter().find(|param| param.place == ParamPlace::Path && param.name == *name);
        own.cloned().unwrap_or_else(|| Param::text(name, ParamPlace::Path))
    };
    let in_path = names.iter().map(described).map(|param| Param { required: true, ..param });
    let params: Vec<Param> = in_path.chain(query).collect();
    let has = |name: &str| params.iter().any(|param| param.name == name);
    let text = |name: &str| operation.get(name).and_then(Value::as_str).map(|text| clean(text, 120));
    let mut endpoint = Endpoint::free(method, path);
    endpoint.operation = name(text("operationId").as_deref(), method, path);
    endpoint.group = group(operation);
    endpoint.purpose = ["summary", "description", "operationId"]
        .into_iter()
        .find_map(|name| text(name).filter(|text| !text.is_empty()))
        .unwrap_or_else(|| format!("{method} {path}"));
    endpoint.paging = (has("after") && has("limit")).then_some(Paging::Cursor);
    endpoint.params = params;
    endpoint.body = body(document, operation)?.filter(|_| !method.is_safe());
    endpoint.deprecated = operation.get("deprecated").and_then(Value::as_bool).unwrap_or_default();
    endpoint.scopes = scopes(operation);
    endpoint.scope_source = if endpoint.scopes.is_empty() { ScopeSource::None } else { ScopeSource::Documented };
    (endpoint.success, endpoint.errors) = statuses(operation);
    endpoint.answer = answer(document, operation);
    Ok(endpoint)
}

/// The names of a path's parameters, or why it is no path that can be asked for.
pub fn template(path: &str) -> Result<Vec<String>, String> {
    let bad = |c: char| !c.is_ascii_graphic() || "?#\\\"<>^`|".contains(c);
    if !path.starts_with('/') || path.len() > 300 || path.contains(bad) {
        return Err(
            "its path is not one that can be asked for: it must begin with / and hold no blanks, ? or #".to_owned()
        );
    }
    let mut names: Vec<String> = Vec::new();
    for segment in path.split('/') {
        let pieces: Vec<&str> = segment.split('{').collect();
        let name = match pieces.as_slice() {
            [plain] if !plain.contains('}') => continue,
            [before, rest] if !before.contains('}') => rest.split_once('}'),
            _ => None,
        };
        match name {
            Some((name, after)) if is_name(name) && !after.contains('}') && !names.iter().any(|own| own == name) => {
                names.push(name.to_owned());
            }
            _ => return Err("its path has a parameter that is not alone in its segment, or stands twice".to_owned()),
        }
    }
    Ok(names)
}

/// Whether a parameter can be called so.
pub fn is_name(name: &str) -> bool {
    let usual = |c: char| c.is_ascii_graphic() && !"{}/?#&=\"\\<>".contains(c);
    !name.is_empty() && name.len() <= 100 && name.chars().all(usual)
}

/// A path or query parameter; nothing of one that goes elsewhere.
fn parameter(document: &Document<'_>, given: &Value) -> Result<Option<Param>, String> {
    let given = document.resolve(given)?;
    let place = match given.get("in").and_then(Value::as_str) {
        Some("path") => ParamPlace::Path,
        Some("query") => ParamPlace::Query,
        _ => return Ok(None),
    };
    let name = given.get("name").and_then(Value::as_str).unwrap_or_default();
    if !is_name(name) {
        return Err(format!("it has a parameter without a usable name ({:?})", clean(name, 40)));
    }
    let in_content = || given.get("content").and_then(Value::as_object)?.values().next()?.get("schema");
    let schema = given.get("schema").or_else(in_content);
    let mut budget = Budget::default();
    let field = schema::field(document, name, schema, false, &mut budget, 0)?;
    let number = |name: &str| document.resolve(schema?).ok()?.get(name)?.as_i64();
    Ok(Some(Param {
        // An object in a query has no one spelling: it is typed as a person likes.
        value_type: if field.value_type == ValueType::Object { ValueType::String } else { field.value_type },
        list: field.list,
        required: given.get("required").and_then(Value::as_bool).unwrap_or_default(),
        choices: field.choices,
        min: number("minimum"),
        max: number("maximum"),
        default: number("default"),
        deprecated: given.get("deprecated").and_then(Value::as_bool).unwrap_or(field.deprecated),
        hint: given.get("description").and_then(Value::as_str).map(|text| clean(text, 80)).or(field.hint),
        ..Param::text(name, place)
    }))
}

/// A name to call it by: the document's own, as words with hyphens, or one made from method and path.
fn name(id: Option<&str>, method: Method, path: &str) -> String {
    let kebab = |text: &str| {
        let mut name = String::new();
        let mut small = false;
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                if c.is_ascii_uppercase() && small {
                    name.push('-');
                }
                name.push(c.to_ascii_lowercase());
            } else if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            small = c.is_ascii_lowercase() || c.is_ascii_digit();
        }
        name.trim_end_matches('-').chars().take(60).collect::<String>()
    };
    let own = id.map(kebab).filter(|name| name.bytes().any(|byte| byte.is_ascii_alphabetic()));
    own.unwrap_or_else(|| kebab(&format!("{} {path}", method.as_str().to_ascii_lowercase())))
}

fn group(operation: &Value) -> String {
    let tag = operation.get("tags").and_then(|tags| tags.get(0)).and_then(Value::as_str).map(|tag| clean(tag, 40));
    tag.filter(|tag| !tag.is_empty()).unwrap_or_else(|| "Imported".to_owned())
}

/// Whether a text can stand in a Content-Type header.
pub fn is_media_type(media: &str) -> bool {
    media.len() <= 100 && media.contains('/') && media.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

/// The body, in JSON where there is a choice.
fn body(document: &Document<'_>, operation: &Value) -> Result<Option<BodyShape>, String> {
    let Some(body) = operation.get("requestBody") else {
        return Ok(None);
    };
    let body = document.resolve(body)?;
    let content = body.get("content").and_then(Value::as_object);
    let json = |media: &str| {
        media.starts_with("application/json") || media.split(';').next().unwrap_or(media).ends_with("+json")
    };
    let chosen =
        content.and_then(|content| content.iter().find(|(media, _)| json(media)).or_else(|| content.iter().next()));
    let (media, schema) = match chosen {
        Some((media, of)) if is_media_type(media) => (media.as_str(), of.get("schema").filter(|_| json(media))),
        _ => ("application/json", None),
    };
    let mut budget = Budget::default();
    let whole = schema::field(document, "", schema, false, &mut budget, 0)?;
    Ok(Some(BodyShape {
        content_type: media.to_owned(),
        list: whole.list,
        max: whole.max.filter(|_| whole.list),
        required: body.get("required").and_then(Value::as_bool).unwrap_or_default(),
        fields: whole.fields,
    }))
}

/// The scopes of all its security requirements.
fn scopes(operation: &Value) -> Vec<String> {
    let requirements = operation.get("security").and_then(Value::as_array).into_iter().flatten();
    let named = requirements.filter_map(Value::as_object).flat_map(|one| one.values());
    let mut scopes: Vec<String> = named
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .filter(|scope| scope.len() <= 100 && scope.chars().all(|c| c.is_ascii_graphic()))
        .map(str::to_owned)
        .collect();
    scopes.sort();
    scopes.dedup();
    scopes.truncate(20);
    scopes
}

/// Statuses of success and of failure; ranges and the default say nothing particular.
fn statuses(operation: &Value) -> (Vec<u16>, Vec<u16>) {
    let named = operation.get("responses").and_then(Value::as_object).into_iter().flat_map(|all| all.keys());
    let mut codes: Vec<u16> =
        named.filter_map(|code| code.parse().ok()).filter(|code| (100..600).contains(code)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().partition(|code| *code < 400)
}

/// The shape of the answer, where its model has the name of one that is known.
fn answer(document: &Document<'_>, operation: &Value) -> Option<String> {
    let responses = operation.get("responses")?.as_object()?;
    let good = responses.iter().find(|(code, _)| code.starts_with('2'))?.1;
    let content = document.resolve(good).ok()?.get("content")?.as_object()?;
    let schema = content.iter().find(|(media, _)| media.contains("json"))?.1.get("schema")?;
    let known = |answer: String| Models::embedded().of_answer(&answer).map(|_| answer);
    let named = |schema: &Value| {
        let reference = schema.get("$ref")?.as_str()?;
        Some(reference.rsplit('/').next()?.to_owned())
    };
    if let Some(answer) = named(schema).and_then(known) {
        return Some(answer);
    }
    let members = document.resolve(schema).ok()?.get("properties")?;
    let data = members.get("data")?;
    let items = document.resolve(data).ok().and_then(|data| data.get("items"));
    let envelope = match (items, members.get("pagination")) {
        (Some(_), Some(_)) => "Page",
        (Some(_), None) => "DataList",
        _ => "Data",
    };
    known(format!("{envelope}<{}>", named(items.unwrap_or(data))?))
}
