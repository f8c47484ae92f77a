//! Python with requests, which every Python programmer knows.

use super::quote::{Language, literal, literals};
use super::{credential, is_requoted, joined};
use crate::pleo::credential::Scheme;
use crate::pleo::transcript::Transcript;

pub fn write(own: &Transcript) -> String {
    let text = |text: &str| literal(text, Language::Python);
    let mut headers: Vec<String> = joined(&own.headers)
        .iter()
        .map(|(name, value)| format!("        {}: {},\n", text(name), text(value)))
        .collect();
    let mut auth = String::new();
    match credential(own) {
        Some((Scheme::Basic, variable)) => auth = format!("    auth=(os.environ[{}], \"\"),\n", text(&variable)),
        Some((Scheme::Bearer, variable)) => {
            headers.push(format!("        \"Authorization\": f\"Bearer {{os.environ['{variable}']}}\",\n"));
        }
        None => {}
    }
    let body = own.body.as_deref().map_or_else(String::new, |body| match literals(body, Language::Python).as_slice() {
        [one] => format!("    data={one}.encode(),\n"),
        lines => format!(
            "    data=({}\n    ).encode(),\n",
            lines.iter().map(|line| format!("\n        {line}")).collect::<String>()
        ),
    });
    let headers =
        if headers.is_empty() { String::new() } else { format!("    headers={{\n{}    }},\n", headers.concat()) };
    let arguments =
        format!("    {},\n    {},\n{headers}{auth}{body}", text(own.method.as_str()), text(own.url.as_str()));
    let os = if own.credential.is_some() { "import os\n\n" } else { "" };
    let sending = if is_requoted(own.url.as_str()) {
        // requests writes such an address in another way, and takes it as it is only like this.
        format!(
            "session = requests.Session()\nrequest = session.prepare_request(requests.Request(\n{arguments}))\nrequest.url = {}\nresponse = session.send(request, allow_redirects=False, timeout=60)\n",
            text(own.url.as_str())
        )
    } else {
        format!("response = requests.request(\n{arguments}    allow_redirects=False,\n    timeout=60,\n)\n")
    };
    format!("{os}import requests\n\n{sending}print(response.status_code, response.text)")
}
