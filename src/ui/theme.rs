//! Colours and marks. Sixteen colours that work on dark and light backgrounds; without colour, bold, underline and
//! reverse still tell everything.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::pleo::endpoint::Method;
use crate::pleo::environment::Environment;

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
}

impl Theme {
    const fn fg(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// Ordinary text.
    #[must_use]
    pub const fn text(self) -> Style {
        Style::new()
    }

    /// Text that stands back.
    #[must_use]
    pub const fn dim(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// Headings and what matters.
    #[must_use]
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What went wrong.
    #[must_use]
    pub const fn error(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What may be wrong.
    #[must_use]
    pub const fn warning(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// What went well.
    #[must_use]
    pub const fn good(self) -> Style {
        self.fg(Color::Green)
    }

    /// The row under the cursor of the focused pane.
    #[must_use]
    pub const fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The row under the cursor of another pane.
    #[must_use]
    pub const fn cursor_elsewhere(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// A place that a search found.
    #[must_use]
    pub const fn hit(self) -> Style {
        if self.colour {
            Style::new().fg(Color::Black).bg(Color::Yellow)
        } else {
            Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
        }
    }

    /// The border of a pane.
    #[must_use]
    pub const fn border(self, focused: bool) -> Style {
        if focused { self.fg(Color::Cyan).add_modifier(Modifier::BOLD) } else { self.dim() }
    }

    /// The lines of a border: heavy where the keys go, so that the focus shows without colour.
    #[must_use]
    pub const fn border_set(self, focused: bool) -> border::Set<'static> {
        if focused { border::THICK } else { border::PLAIN }
    }

    /// The title of a pane.
    #[must_use]
    pub const fn title(self, focused: bool) -> Style {
        if focused { self.fg(Color::Cyan).add_modifier(Modifier::BOLD) } else { Style::new() }
    }

    /// The word of an environment: production is white on red.
    #[must_use]
    pub const fn environment(self, environment: Environment) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match (self.colour, environment) {
            (true, Environment::Production) => bold.fg(Color::White).bg(Color::Red),
            (true, Environment::Staging) => bold.fg(Color::White).bg(Color::Blue),
            (false, _) => bold.add_modifier(Modifier::REVERSED),
        }
    }

    /// A method: reads are calm, removals loud.
    #[must_use]
    pub const fn method(self, method: Method) -> Style {
        match method {
            Method::Get | Method::Head => self.fg(Color::Green),
            Method::Post | Method::Put | Method::Patch => self.fg(Color::Yellow),
            Method::Delete => self.fg(Color::Red),
        }
    }

    /// A status code by its class.
    #[must_use]
    pub const fn status(self, status: u16) -> Style {
        match status {
            200..=299 => self.good().add_modifier(Modifier::BOLD),
            300..=399 => self.warning().add_modifier(Modifier::BOLD),
            _ => self.error(),
        }
    }

    /// A key of a JSON object.
    #[must_use]
    pub const fn key(self) -> Style {
        self.fg(Color::Cyan)
    }

    /// A JSON string.
    #[must_use]
    pub const fn string(self) -> Style {
        self.fg(Color::Green)
    }

    /// A link.
    #[must_use]
    pub const fn link(self) -> Style {
        self.string().add_modifier(Modifier::UNDERLINED)
    }

    /// An id.
    #[must_use]
    pub const fn id(self) -> Style {
        self.fg(Color::Blue)
    }

    /// A place where something is wrong.
    #[must_use]
    pub const fn wrong(self) -> Style {
        self.error().add_modifier(Modifier::REVERSED)
    }

    /// A JSON number.
    #[must_use]
    pub const fn number(self) -> Style {
        self.fg(Color::Magenta)
    }

    /// `true`, `false` and `null`.
    #[must_use]
    pub const fn literal(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// A key in the footer.
    #[must_use]
    pub const fn hint_key(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }
}
