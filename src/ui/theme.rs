//! Colours and marks: the colours of the theme in force; without colour, bold, underline and reverse still tell everything.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::app::looks::{Colours, Depth, Looks, Role, SIXTEEN};
use crate::pleo::endpoint::Method;
use crate::pleo::environment::Environment;

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// How many colours the terminal can show.
    pub depth: Depth,
    /// The colours, as far as they may be used.
    pub colours: Colours,
}

/// White on these says where one is, whatever the theme.
const WHITE: Color = Color::Rgb(0xFF, 0xFF, 0xFF);
const PRODUCTION: Color = Color::Rgb(0xAF, 0, 0);
const STAGING: Color = Color::Rgb(0, 0, 0xAF);

impl Theme {
    /// How a terminal with these means looks before a theme is chosen.
    #[must_use]
    pub const fn of_terminal(colour: bool, ascii: bool, depth: Depth) -> Self {
        Self { colour, ascii, depth, colours: SIXTEEN }
    }

    /// The same with the theme that is chosen. Where no colours may be used, no theme brings them back.
    #[must_use]
    pub fn with(self, looks: &Looks) -> Self {
        match looks.colours() {
            Some(colours) => Self { colours: colours.within(self.depth), ..self },
            None => Self { colour: false, ..self },
        }
    }

    /// The colours of text and background, where the theme has some that are not the terminal's own.
    #[must_use]
    pub fn ground(self) -> Option<(Color, Color)> {
        let (text, background) = (self.colours.of(Role::Text), self.colours.of(Role::Background));
        (self.colour && (text, background) != (Color::Reset, Color::Reset)).then_some((text, background))
    }

    const fn fg(self, role: Role) -> Style {
        if self.colour { Style::new().fg(self.colours.of(role)) } else { Style::new() }
    }

    /// White on a colour that no theme changes.
    fn sign(self, ground: Color, of_sixteen: Color) -> Style {
        let depth = self.depth;
        // The terminal's own colours go together, and those of a theme.
        let depth = if self.colours == SIXTEEN { Depth::Sixteen } else { depth };
        Style::new().fg(depth.nearest(WHITE, Color::White)).bg(depth.nearest(ground, of_sixteen))
    }

    /// Ordinary text.
    #[must_use]
    pub const fn text(self) -> Style {
        Style::new()
    }

    /// Text that stands back.
    #[must_use]
    pub const fn dim(self) -> Style {
        if self.colour { self.fg(Role::Dim) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// Headings and what matters.
    #[must_use]
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What went wrong.
    #[must_use]
    pub const fn error(self) -> Style {
        self.fg(Role::Error).add_modifier(Modifier::BOLD)
    }

    /// What may be wrong.
    #[must_use]
    pub const fn warning(self) -> Style {
        self.fg(Role::Warning)
    }

    /// What went well.
    #[must_use]
    pub const fn good(self) -> Style {
        self.fg(Role::Good)
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
            Style::new().fg(self.colours.of(Role::Hit)).bg(self.colours.of(Role::HitBackground))
        } else {
            Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
        }
    }

    /// The border of a pane.
    #[must_use]
    pub const fn border(self, focused: bool) -> Style {
        if focused { self.fg(Role::Accent).add_modifier(Modifier::BOLD) } else { self.dim() }
    }

    /// The lines of a border: heavy where the keys go, so that the focus shows without colour.
    #[must_use]
    pub const fn border_set(self, focused: bool) -> border::Set<'static> {
        if focused { border::THICK } else { border::PLAIN }
    }

    /// The title of a pane.
    #[must_use]
    pub const fn title(self, focused: bool) -> Style {
        if focused { self.fg(Role::Accent).add_modifier(Modifier::BOLD) } else { Style::new() }
    }

    /// The word of an environment: production is white on red.
    #[must_use]
    pub fn environment(self, environment: Environment) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match (self.colour, environment) {
            (true, Environment::Production) => bold.patch(self.sign(PRODUCTION, Color::Red)),
            (true, Environment::Staging) => bold.patch(self.sign(STAGING, Color::Blue)),
            (false, _) => bold.add_modifier(Modifier::REVERSED),
        }
    }

    /// A method: reads are calm, removals loud.
    #[must_use]
    pub const fn method(self, method: Method) -> Style {
        match method {
            Method::Get | Method::Head => self.fg(Role::Good),
            Method::Post | Method::Put | Method::Patch => self.fg(Role::Warning),
            Method::Delete => self.fg(Role::Error),
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
        self.fg(Role::Name)
    }

    /// A JSON string.
    #[must_use]
    pub const fn string(self) -> Style {
        self.fg(Role::String)
    }

    /// A link.
    #[must_use]
    pub const fn link(self) -> Style {
        self.string().add_modifier(Modifier::UNDERLINED)
    }

    /// An id.
    #[must_use]
    pub const fn id(self) -> Style {
        self.fg(Role::Id)
    }

    /// A place where something is wrong.
    #[must_use]
    pub const fn wrong(self) -> Style {
        self.error().add_modifier(Modifier::REVERSED)
    }

    /// A JSON number.
    #[must_use]
    pub const fn number(self) -> Style {
        self.fg(Role::Number)
    }

    /// `true`, `false` and `null`.
    #[must_use]
    pub const fn literal(self) -> Style {
        self.fg(Role::Literal)
    }

    /// A key in the footer.
    #[must_use]
    pub const fn hint_key(self) -> Style {
        self.fg(Role::Accent).add_modifier(Modifier::BOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::looks::{contrast, rgb};

    #[test]
    fn production_is_white_on_red_in_every_theme() {
        let mut looks = Looks::default();
        for name in ["dark", "light", "high-contrast"] {
            looks.chosen = name.to_owned();
            for depth in [Depth::Full, Depth::Table] {
                let theme = Theme::of_terminal(true, false, depth).with(&looks);
                for environment in Environment::ALL {
                    let style = theme.environment(environment);
                    let (text, ground) = (style.fg.and_then(rgb), style.bg.and_then(rgb));
                    let told = contrast(text.unwrap_or_default(), ground.unwrap_or_default());
                    assert!(told >= 7.0, "{name} {environment} {depth:?}: {told}");
                    let [red, green, blue] = ground.unwrap_or_default();
                    assert_eq!(environment == Environment::Production, red > 0x80 && green == 0 && blue == 0);
                }
            }
        }
        for (chosen, depth) in [("16", Depth::Full), ("dark", Depth::Sixteen)] {
            looks.chosen = chosen.to_owned();
            let style = Theme::of_terminal(true, false, depth).with(&looks).environment(Environment::Production);
            assert_eq!((style.fg, style.bg), (Some(Color::White), Some(Color::Red)));
        }
    }

    #[test]
    fn no_theme_brings_colours_back() {
        for name in ["dark", "light", "high-contrast", "16", "mono"] {
            let looks = Looks { chosen: name.to_owned(), ..Looks::default() };
            let theme = Theme::of_terminal(false, false, Depth::Full).with(&looks);
            assert!(theme.ground().is_none() && theme.error().fg.is_none() && theme.hit().bg.is_none(), "{name}");
        }
    }
}
