//! How the screen may look: the built-in themes, a person's own, and which one is chosen.

mod built_in;

use ratatui::style::Color;

pub use built_in::{BUILT_IN, DARK, HIGH_CONTRAST, LIGHT, SIXTEEN};

use super::naming::snake;

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What lies behind it.
    Background,
    /// Text that stands back.
    Dim,
    /// Where the keys go: titles, borders, keys in the footer.
    Accent,
    /// What went wrong.
    Error,
    /// What may be wrong, and methods that change data.
    Warning,
    /// What went well, and methods that read.
    Good,
    /// A name in JSON.
    Name,
    /// A text in JSON.
    String,
    /// A number.
    Number,
    /// `true`, `false` and `null`.
    Literal,
    /// An id.
    Id,
    /// A place that a search found.
    Hit,
    /// What lies behind it.
    HitBackground,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Text,
        Self::Background,
        Self::Dim,
        Self::Accent,
        Self::Error,
        Self::Warning,
        Self::Good,
        Self::Name,
        Self::String,
        Self::Number,
        Self::Literal,
        Self::Id,
        Self::Hit,
        Self::HitBackground,
    ];

    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> String {
        snake(&format!("{self:?}"))
    }
}

/// A colour for each role; [`Color::Reset`] is the terminal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colours(pub [Color; Role::ALL.len()]);

impl Colours {
    /// The colour of a role.
    #[must_use]
    pub const fn of(&self, role: Role) -> Color {
        self.0[role as usize]
    }

    /// Gives a role a colour.
    pub const fn set(&mut self, role: Role, colour: Color) {
        self.0[role as usize] = colour;
    }

    /// The same on a terminal that can show so many colours.
    #[must_use]
    pub fn within(&self, depth: Depth) -> Self {
        let mut own = *self;
        for role in Role::ALL {
            own.set(role, depth.nearest(self.of(role), SIXTEEN.of(role)));
        }
        own
    }
}

/// How many colours the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Sixteen.
    Sixteen,
    /// 256.
    Table,
    /// All.
    #[default]
    Full,
}

impl Depth {
    /// The colour that comes closest; with sixteen colours the one that takes its place.
    #[must_use]
    pub fn nearest(self, colour: Color, of_sixteen: Color) -> Color {
        match (self, colour) {
            (Self::Table, Color::Rgb(red, green, blue)) => Color::Indexed(in_table([red, green, blue])),
            (Self::Sixteen, Color::Rgb(..) | Color::Indexed(16..)) => of_sixteen,
            _ => colour,
        }
    }
}

/// The steps of the colour cube of 256 colours.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// What a colour of the table of 256 looks like, where it is the same on all terminals.
#[must_use]
pub fn of_table(index: u8) -> Option<[u8; 3]> {
    match index {
        0..=15 => None,
        16..=231 => {
            let at = usize::from(index - 16);
            Some([STEPS[at / 36], STEPS[at / 6 % 6], STEPS[at % 6]])
        }
        232.. => Some([8 + (index - 232) * 10; 3]),
    }
}

fn in_table(colour: [u8; 3]) -> u8 {
    let distance = |own: [u8; 3]| -> u32 { own.iter().zip(colour).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    (16..=255).min_by_key(|index| of_table(*index).map_or(u32::MAX, distance)).unwrap_or(16)
}

/// The relative luminance of a colour (WCAG 2.2).
fn luminance(colour: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

/// How well two colours are told apart, from 1 to 21 (WCAG 2.2).
#[must_use]
pub fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What a colour looks like, where that is known.
#[must_use]
pub fn rgb(colour: Color) -> Option<[u8; 3]> {
    match colour {
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        Color::Indexed(index) => of_table(index),
        _ => None,
    }
}

/// The least contrast with which text can be read well.
const READABLE: f64 = 4.5;

/// The themes of a run, and the one that is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// A person's own, by name.
    pub own: Vec<(String, Colours)>,
    /// The one that is chosen, by name.
    pub chosen: String,
    /// The background of the terminal, where it is known.
    pub background: Option<[u8; 3]>,
    /// Whether colours may be used at all.
    pub colour: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self { own: Vec::new(), chosen: AUTO.to_owned(), background: None, colour: true }
    }
}

/// The name of the choice by the terminal's background.
pub const AUTO: &str = "auto";
/// The name of the theme without colours.
pub const MONO: &str = "mono";

impl Looks {
    /// The names that may be chosen.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let built_in = BUILT_IN.iter().map(|(name, _)| *name);
        [AUTO].into_iter().chain(built_in).chain([MONO]).chain(self.own.iter().map(|(name, _)| name.as_str())).collect()
    }

    /// The colours in force; none for the theme without.
    #[must_use]
    pub fn colours(&self) -> Option<Colours> {
        if self.chosen == MONO {
            return None;
        }
        Some(self.named(&self.chosen).unwrap_or_else(|| self.by_background()))
    }

    /// The colours of a name that is not a choice of its own.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Colours> {
        let built_in = BUILT_IN.iter().find(|(own, _)| *own == name).map(|(_, colours)| *colours);
        built_in.or_else(|| self.own.iter().find(|(own, _)| own == name).map(|(_, colours)| *colours))
    }

    /// The dark or the light ones, on the terminal's own background where they can be read on it; where nothing is known,
    /// sixteen colours that work on both.
    fn by_background(&self) -> Colours {
        let Some(background) = self.background else {
            return SIXTEEN;
        };
        let mut colours = if luminance(background) > 0.18 { LIGHT } else { DARK };
        let texts = Role::ALL
            .into_iter()
            .filter(|role| !matches!(role, Role::Text | Role::Background | Role::Hit | Role::HitBackground));
        let readable = |role| rgb(colours.of(role)).is_none_or(|own| contrast(own, background) >= READABLE);
        if texts.into_iter().all(readable) {
            colours.set(Role::Background, Color::Reset);
            colours.set(Role::Text, Color::Reset);
        }
        colours
    }

    /// Chooses the next one.
    pub fn turn(&mut self) {
        let names = self.names();
        let at = names.iter().position(|name| *name == self.chosen).map_or(0, |at| (at + 1) % names.len());
        self.chosen = names[at].to_owned();
    }
}

/// Reads a colour as people write it: `#rrggbb`, a name, or its number of 256.
#[must_use]
pub fn colour(text: &str) -> Option<Color> {
    if text == "default" {
        return Some(Color::Reset);
    }
    let known = text.parse::<Color>().ok()?;
    // What stands for the terminal's own is written in one way.
    (known != Color::Reset).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(colours: &Colours) -> f64 {
        let seen = |role| rgb(colours.of(role)).unwrap_or_else(|| panic!("{role:?} has no colour of its own"));
        let texts = Role::ALL
            .into_iter()
            .filter(|role| !matches!(role, Role::Background | Role::Hit | Role::HitBackground))
            .map(|role| contrast(seen(role), seen(Role::Background)));
        texts.chain([contrast(seen(Role::Hit), seen(Role::HitBackground))]).fold(f64::MAX, f64::min)
    }

    #[test]
    fn every_text_of_the_built_in_themes_can_be_read() {
        for (name, colours, least) in
            [("dark", DARK, 4.5), ("light", LIGHT, 4.5), ("high-contrast", HIGH_CONTRAST, 7.0)]
        {
            for depth in [Depth::Full, Depth::Table] {
                let worst = worst(&colours.within(depth));
                assert!(worst >= least, "{name} with {depth:?}: {worst}");
            }
        }
        assert!((contrast([255; 3], [0; 3]) - 21.0).abs() < 0.01);
    }

    #[test]
    fn the_background_decides_and_stays_where_the_colours_can_be_read_on_it() {
        let with = |background| Looks { background, ..Looks::default() }.colours();
        assert_eq!(with(None), Some(SIXTEEN));
        let dark = with(Some([0x10, 0x10, 0x18])).expect("colours");
        assert_eq!((dark.of(Role::Id), dark.of(Role::Background)), (DARK.of(Role::Id), Color::Reset));
        let light = with(Some([0xFF, 0xFF, 0xF0])).expect("colours");
        assert_eq!((light.of(Role::Id), light.of(Role::Background)), (LIGHT.of(Role::Id), Color::Reset));
        // On grey nothing is certain but a background of one's own.
        assert_eq!(with(Some([0x70; 3])).map(|own| own.of(Role::Background)), Some(DARK.of(Role::Background)));
    }

    #[test]
    fn the_next_one_comes_round_to_the_first() {
        let mut looks = Looks { own: vec![("mine".to_owned(), DARK)], ..Looks::default() };
        let seen: Vec<String> = (0..7)
            .map(|_| {
                looks.turn();
                looks.chosen.clone()
            })
            .collect();
        assert_eq!(seen, ["dark", "light", "high-contrast", "16", "mono", "mine", "auto"]);
    }

    #[test]
    fn colours_are_written_in_three_ways() {
        assert_eq!(colour("#12aB00"), Some(Color::Rgb(0x12, 0xAB, 0)));
        assert_eq!(colour("lightblue"), Some(Color::LightBlue));
        assert_eq!((colour("0"), colour("231")), (Some(Color::Indexed(0)), Some(Color::Indexed(231))));
        assert_eq!(colour("default"), Some(Color::Reset));
        assert_eq!((colour("#12345"), colour("256"), colour("bleu")), (None, None, None));
    }
}
