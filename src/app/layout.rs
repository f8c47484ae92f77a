//! Where everything stands on the screen. Pure arithmetic, used by `update` to settle scrolling and by `ui` to draw.

use ratatui::layout::{Constraint, Layout, Rect};

use super::model::{Model, Pane};

/// Fewest columns and rows that the panes need.
pub const SMALLEST: (u16, u16) = (60, 15);

/// Rows between banner and footer below which the left column is crowded.
const LOW: u16 = 20;

/// The rectangles of one frame, borders included. A pane that has no room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The first row.
    pub banner: Rect,
    /// The last row.
    pub footer: Rect,
    /// The five panes, in the order of [`Pane::ALL`].
    pub panes: [Rect; 5],
    /// Whether the screen is too small for anything but saying so.
    pub too_small: bool,
}

impl Areas {
    /// The rectangle of a pane.
    #[must_use]
    pub const fn pane(&self, pane: Pane) -> Rect {
        self.panes[pane as usize]
    }

    /// The inside of a pane, without its border.
    #[must_use]
    pub const fn inside(&self, pane: Pane) -> Rect {
        let area = self.pane(pane);
        Rect {
            x: area.x.saturating_add(1),
            y: area.y.saturating_add(1),
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        }
    }

    /// The pane at a cell.
    #[must_use]
    pub fn pane_at(&self, column: u16, row: u16) -> Option<Pane> {
        Pane::ALL.into_iter().find(|pane| self.pane(*pane).contains((column, row).into()))
    }
}

/// Lays the screen out for the model as it is.
#[must_use]
pub fn areas(model: &Model) -> Areas {
    let (width, height) = model.size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return Areas { too_small: true, ..Areas::default() };
    }
    let screen = Rect { x: 0, y: 0, width, height };
    let [banner, middle, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(screen);
    let mut areas = Areas { banner, footer, ..Areas::default() };
    if model.zoom {
        areas.panes[model.focus as usize] = middle;
        return areas;
    }
    let left = (width / 4 + 16).min(60);
    let [left, right] = Layout::horizontal([Constraint::Length(left), Constraint::Fill(1)]).areas(middle);
    // On a low screen panes 1 and 2 show one row until they are worked in, so that the catalogue can be seen.
    let rows = |pane: Pane, all: u16| if left.height < LOW && model.focus != pane { 1 } else { all };
    // Worked in, pane 2 also tells who the credential is; the catalogue keeps a few rows.
    let credential = if model.focus == Pane::Credential { left.height.saturating_sub(11).clamp(4, 20) } else { 4 };
    let heights =
        [rows(Pane::Environment, 2), rows(Pane::Credential, credential)].map(|rows| Constraint::Length(rows + 2));
    let [environment, credential, endpoints] =
        Layout::vertical([heights[0], heights[1], Constraint::Fill(1)]).areas(left);
    // The pane that is worked in gets the larger share; the other keeps enough to be read.
    let request = match model.focus {
        Pane::Request => Constraint::Percentage(62),
        Pane::Response => Constraint::Percentage(30),
        _ => Constraint::Percentage(45),
    };
    let [request, response] = Layout::vertical([request, Constraint::Fill(1)]).areas(right);
    areas.panes = [environment, credential, endpoints, request, response];
    areas
}

/// How many rows at the bottom of the endpoints pane tell about the operation under the cursor.
#[must_use]
pub const fn detail_height(inside: Rect) -> u16 {
    match inside.height {
        0..=7 => 0,
        8..=13 => 5,
        14..=24 => 8,
        _ => 14,
    }
}

/// How many rows of pane 2 list credentials, or all ways on in a first run; those below tell about the one under the cursor.
#[must_use]
pub fn credential_list_height(inside: Rect, rows: usize, first_run: bool) -> u16 {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    if first_run {
        rows.min(inside.height)
    } else if inside.height <= 5 {
        inside.height
    } else {
        rows.min((inside.height * 2 / 5).max(4))
    }
}

/// How many rows at the bottom of the response pane are not the answer: the fields of search and filter, and what is wrong
/// with what stands in them.
#[must_use]
pub fn response_rows_below(model: &Model) -> u16 {
    let pane = &model.response;
    let wrong = |shown: bool, rows: u16| if shown { rows } else { 0 };
    let search = wrong(pane.search.is_shown(), 1 + u16::from(pane.search.error.is_some()));
    let caret = pane.filter.error.as_ref().map_or(0, |trouble| 1 + u16::from(trouble.at.is_some()));
    let rows = u16::from(pane.shows_row_filter());
    search + rows + u16::from(pane.shows_pages()) + wrong(pane.filter.is_shown(), 1 + caret)
}

/// The table and the record that is read beside it: at its right where there is room, else below, and alone on a small screen.
/// A line stands between them.
#[must_use]
pub fn beside(area: Rect) -> (Rect, Rect) {
    if area.width >= 96 {
        let width = (area.width * 9 / 20).min(90);
        let left = area.width - width - 1;
        return (Rect { width: left, ..area }, Rect { x: area.x + left + 1, width, ..area });
    }
    if area.height >= 12 {
        let height = area.height * 3 / 5;
        let above = area.height - height - 1;
        return (Rect { height: above, ..area }, Rect { y: area.y + above + 1, height, ..area });
    }
    (Rect { height: 0, ..area }, area)
}
