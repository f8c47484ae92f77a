//! The whole screen:
//!
//! ```text
//!  STAGING  base URL · credential                        banner
//! ┌1 Environment─┐┌4 Request──────────────┐
//! ├2 Credential──┤│ URL, headers, fields  │
//! ├3 Endpoints───┤├5 Response─────────────┤
//! │ list, detail ││ tree, raw, headers    │
//! └──────────────┘└───────────────────────┘
//!  keys that work now, or a word to the person            footer
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::theme::Theme;
use super::{overlays, panes, widgets};
use crate::app::available;
use crate::app::layout::{self, Areas, SMALLEST};
use crate::app::model::{Message, Model, Overlay, Pane};
use crate::document;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::identity::Identity;
use crate::pleo::request::origin_text;

/// Most rows of a word to the person.
const MOST_WORDS: usize = 5;

/// Draws everything.
pub fn render(model: &Model, theme: Theme, frame: &mut Frame) {
    let theme = theme.with(&model.looks);
    let areas = layout::areas(model);
    if areas.too_small {
        too_small(model, frame);
    } else {
        banner(model, theme, frame, areas.banner);
        match &model.compare {
            Some(pane) => panes::compare::render(model, pane, theme, frame),
            None => match (&model.history, &model.saved) {
                (Some(pane), _) => panes::history::render(model, pane, theme, frame),
                (None, Some(pane)) => panes::saved::render(pane, theme, frame),
                (None, None) => draw_panes(model, theme, frame, &areas),
            },
        }
        if model.masked {
            // What lies on top of an address cuts it, and what is left of it would not look like one.
            widgets::mask_letters(frame.buffer_mut());
        }
        match &model.overlay {
            Some(Overlay::Help(top)) => overlays::help::render(model, *top, theme, frame),
            Some(Overlay::Palette(palette)) => overlays::palette::render(palette, &model.keymap, theme, frame),
            Some(Overlay::FreeRequest(free)) => overlays::free_request::render(free, theme, frame),
            Some(Overlay::Import(importing)) => overlays::import::render(model, importing, theme, frame),
            Some(Overlay::Companies(picker)) => overlays::companies::render(picker, theme, frame),
            Some(Overlay::Review(review)) => overlays::review::render(model, review, theme, frame),
            Some(Overlay::Viewer(viewer)) => overlays::viewer::render(viewer, model.masked, model.size, theme, frame),
            Some(Overlay::Differing(list)) => overlays::differing::render(list, model, theme, frame),
            Some(Overlay::Menu(menu)) => overlays::menu::render(menu, theme, frame),
            Some(Overlay::SaveAs(own)) => overlays::save_as::render(own, model.taking.is_some(), theme, frame),
            Some(Overlay::Counts(counts)) => overlays::counts::render(counts, model.masked, theme, frame),
            Some(Overlay::Columns(cursor)) => {
                overlays::columns::render(model.response.table(), *cursor, theme, frame);
            }
            Some(Overlay::Keeping(own)) => overlays::keeping::render(model, own, theme, frame),
            Some(Overlay::Variable(name, asked)) => overlays::variable::render(model, name, asked, theme, frame),
            Some(Overlay::AlignBy(asked)) => overlays::align_by::render(model.compare.as_deref(), asked, theme, frame),
            Some(Overlay::Goto(asked)) => {
                let text = "A row or line such as 1200, a share such as 50%, or a path: .data[3].email, /data/3/email, data.3.email.";
                overlays::question::render("Go to", text, Some(asked), theme, frame);
            }
            Some(Overlay::Login(pane)) => overlays::login::render(pane, model.now, theme, frame),
            Some(Overlay::Unlock(asked)) => {
                let text = "Requests that change data may then be sent to PRODUCTION for five minutes; each is shown before it leaves. Type the word production:";
                overlays::question::render("Unlock writes", text, Some(asked), theme, frame);
            }
            Some(Overlay::Keep(id, asked)) => {
                let label = model.credentials.get(*id).map_or_else(String::new, |held| held.credential.label());
                let text = format!(
                    "{label} will be kept in the keyring of your system, for {}. Only its name, kind and last four characters are written to a file. Its name:",
                    model.environment
                );
                overlays::question::render("Keep in the keyring", &text, Some(asked), theme, frame);
            }
            Some(Overlay::Disclose(own)) => {
                let environment = own.transcript.environment.banner();
                let text = format!(
                    "The clipboard will hold a curl command for {environment} with the value of {} in it. Whoever it is pasted to, and every program that reads the clipboard, can use that credential. Without such a program here it goes through the terminal (OSC 52), which may keep it. Enter copies it, Esc copies nothing.",
                    own.credential.label()
                );
                overlays::question::render(&format!("Copy the secret of {environment}"), &text, None, theme, frame);
            }
            Some(Overlay::Remove(id)) => {
                let credential = model.credentials.get(*id).map(|held| &held.credential);
                let (label, place) =
                    credential.map_or_else(Default::default, |own| (own.label(), own.keeping().word()));
                let text =
                    format!("{label} is kept beyond this run, by: {place}. Enter removes it for good, Esc leaves it.");
                overlays::question::render("Remove a credential", &text, None, theme, frame);
            }
            None => {}
        }
        footer(model, theme, frame, areas.footer);
    }
    if model.masked {
        widgets::mask_letters(frame.buffer_mut());
    }
    if let Some(ground) = theme.ground() {
        widgets::lay(frame.buffer_mut(), ground);
    }
    if theme.ascii {
        widgets::flatten_to_ascii(frame.buffer_mut());
    }
}

fn draw_panes(model: &Model, theme: Theme, frame: &mut Frame, areas: &Areas) {
    for pane in Pane::ALL {
        let area = areas.pane(pane);
        if area.is_empty() {
            continue;
        }
        match pane {
            Pane::Environment => panes::environment::render(model, theme, frame, area),
            Pane::Credential => panes::credential::render(model, theme, frame, area),
            Pane::Endpoints => panes::endpoints::render(model, theme, frame, area),
            Pane::Request => panes::request::render(model, theme, frame, area),
            Pane::Response => panes::response::render(model, theme, frame, area),
        }
    }
}

fn too_small(model: &Model, frame: &mut Frame) {
    let (width, height) = model.size;
    let sentence = format!(
        "{}: too small ({width}x{height}); pleoscope needs {}x{}",
        model.environment.banner(),
        SMALLEST.0,
        SMALLEST.1
    );
    let area = frame.area();
    for (row, text) in widgets::wrap(&sentence, usize::from(area.width)).into_iter().enumerate() {
        widgets::line_at(frame, area, u16::try_from(row).unwrap_or(u16::MAX), &Line::raw(text));
    }
}

fn banner(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let hosts = model.environments.of(model.environment);
    let mut spans =
        vec![Span::styled(format!(" {} ", model.environment.banner()), theme.environment(model.environment))];
    if let Some(left) = model.guard.remaining(model.now).filter(|_| model.environment == Environment::Production) {
        spans.push(Span::styled(format!(" WRITES UNLOCKED {}", widgets::countdown(left)), theme.error()));
    } else if model.environment == Environment::Production || model.guard.is_read_only() {
        spans.push(Span::styled(" READ-ONLY", theme.strong()));
    }
    if model.sandbox {
        spans.push(Span::styled(" SANDBOX", theme.warning()));
    } else if hosts.overridden {
        spans.push(Span::styled(" OVERRIDDEN", theme.warning()));
    }
    if model.masked {
        spans.push(Span::styled(" MASKED", theme.warning()));
    }
    // The base URL of what would be sent now.
    let surface = model.request.draft.as_ref().map_or(Surface::External, |draft| draft.endpoint.surface);
    let url = origin_text(hosts.base(surface));
    let used: usize = spans.iter().map(|span| document::width(&span.content)).sum();
    let room = usize::from(area.width).saturating_sub(used + 2);
    let Some(held) = model.credentials.held_in_force(model.environment) else {
        spans.push(Span::raw(format!(" {url} · ")));
        spans.push(Span::styled("no credential", theme.warning()));
        widgets::line_at(frame, area, 0, &Line::from(spans));
        return;
    };
    let told = held.identity().map_or_else(Vec::new, identity);
    let whole = document::width(url) + 3 + document::width(&held.credential.label());
    let wanted: usize = told.iter().map(|(text, _)| document::width(text) + 3).sum();
    let (url, label) = if whole + wanted > room {
        // Who it is is worth more than the usual scheme and a long label.
        let tail = held.credential.tail();
        let short = if tail.is_empty() { held.credential.title().to_owned() } else { format!("…{tail}") };
        (url.strip_prefix("https://").unwrap_or(url), if told.is_empty() { held.credential.label() } else { short })
    } else {
        (url, held.credential.label())
    };
    let mut left = room.saturating_sub(document::width(url) + 3);
    let label = widgets::fit(&label, left);
    left = left.saturating_sub(document::width(&label));
    spans.push(Span::raw(format!(" {url} · {label}")));
    for text in widgets::share(&told, left, 3) {
        spans.push(Span::raw(" · "));
        spans.push(Span::styled(text, theme.good()));
    }
    widgets::line_at(frame, area, 0, &Line::from(spans));
}

/// Who a credential is, as it stands in the banner: method, application or client, company or organisation, number of
/// scopes; each with the columns that it wants at least.
fn identity(identity: &Identity) -> Vec<(String, usize)> {
    let scopes = identity.scopes.as_ref().map(|scopes| match scopes.len() {
        1 => "1 scope".to_owned(),
        count => format!("{count} scopes"),
    });
    let whole = |text: Option<String>| text.map(|text| (text.clone(), document::width(&text)));
    let cut = |text: Option<String>| text.map(|text| (text.clone(), document::width(&text).min(6)));
    let parts =
        [whole(identity.method.clone()), cut(identity.who().map(str::to_owned)), cut(identity.reach()), whole(scopes)];
    parts.into_iter().flatten().collect()
}

/// A word to the person, whole: where the last row is too short for it, it takes rows of the panes above.
fn say(message: &Message, theme: Theme, frame: &mut Frame, area: Rect) {
    let style = if message.is_error { theme.error() } else { theme.strong() };
    let rows = widgets::wrap_within(&message.text, usize::from(area.width.saturating_sub(2)), MOST_WORDS);
    let height = u16::try_from(rows.len()).unwrap_or(1);
    let area = Rect { y: area.bottom().saturating_sub(height), height, ..area };
    frame.render_widget(Clear, area);
    for (row, text) in (0..).zip(rows) {
        widgets::line_at(frame, area, row, &Line::styled(format!(" {text}"), style));
    }
}

fn footer(model: &Model, theme: Theme, frame: &mut Frame, area: Rect) {
    let width = usize::from(area.width);
    if let Some(message) = &model.message {
        say(message, theme, frame, area);
        return;
    }
    let hints = available::hints(model);
    let length =
        |(key, word): &(crate::key::Key, &str)| document::width(&key.to_string()) + 1 + document::width(word) + 2;
    // Help and quit stay whatever the width; the others fill what is left, in their order.
    let always: Vec<_> =
        hints.iter().filter(|(_, word)| matches!(*word, "help" | "quit" | "close" | "back")).copied().collect();
    let mut room = width.saturating_sub(1 + always.iter().map(length).sum::<usize>());
    let mut shown = Vec::new();
    for hint in hints.into_iter().filter(|hint| !always.contains(hint)) {
        match room.checked_sub(length(&hint)) {
            Some(left) => room = left,
            None => break,
        }
        shown.push(hint);
    }
    let mut spans = vec![Span::raw(" ")];
    for (key, word) in shown.into_iter().chain(always) {
        spans.push(Span::styled(key.to_string(), theme.hint_key()));
        spans.push(Span::raw(format!(" {word}  ")));
    }
    widgets::line_at(frame, area, 0, &Line::from(spans));
}
