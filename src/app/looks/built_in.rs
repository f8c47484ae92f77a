//! The built-in themes. In those with colours of their own every text has a contrast of 4.5 to its background, in the one
//! of high contrast of 7; the tests of the parent compute it.

use ratatui::style::Color;

use super::Colours;

const fn hex(colour: u32) -> Color {
    let [_, red, green, blue] = colour.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// The built-in themes by name, but for the one without colours.
pub const BUILT_IN: [(&str, Colours); 4] =
    [("dark", DARK), ("light", LIGHT), ("high-contrast", HIGH_CONTRAST), ("16", SIXTEEN)];

/// Light text on a dark background.
pub const DARK: Colours = Colours([
    hex(0xE4_E4_E4),
    hex(0x12_12_12),
    hex(0x9E_9E_9E),
    hex(0x5F_D7_D7),
    hex(0xFF_87_87),
    hex(0xFF_D7_5F),
    hex(0x87_D7_87),
    hex(0x5F_D7_FF),
    hex(0xAF_D7_87),
    hex(0xD7_AF_FF),
    hex(0xFF_AF_5F),
    hex(0x87_AF_FF),
    hex(0x12_12_12),
    hex(0xFF_D7_5F),
]);

/// Dark text on a light background.
pub const LIGHT: Colours = Colours([
    hex(0x1C_1C_1C),
    hex(0xFF_FF_FF),
    hex(0x62_62_62),
    hex(0x00_5F_87),
    hex(0xAF_00_00),
    hex(0x87_5F_00),
    hex(0x00_5F_00),
    hex(0x00_5F_87),
    hex(0x00_5F_00),
    hex(0x87_00_AF),
    hex(0x87_5F_00),
    hex(0x00_00_D7),
    hex(0x00_00_00),
    hex(0xFF_D7_5F),
]);

/// For eyes that need more of it.
pub const HIGH_CONTRAST: Colours = Colours([
    hex(0xFF_FF_FF),
    hex(0x00_00_00),
    hex(0xD0_D0_D0),
    hex(0x5F_FF_FF),
    hex(0xFF_AF_AF),
    hex(0xFF_FF_5F),
    hex(0x87_FF_87),
    hex(0x5F_FF_FF),
    hex(0xAF_FF_AF),
    hex(0xFF_AF_FF),
    hex(0xFF_FF_5F),
    hex(0xAF_D7_FF),
    hex(0x00_00_00),
    hex(0xFF_FF_5F),
]);

/// The terminal's own sixteen colours on its own background, dark or light.
pub const SIXTEEN: Colours = Colours([
    Color::Reset,
    Color::Reset,
    Color::DarkGray,
    Color::Cyan,
    Color::Red,
    Color::Yellow,
    Color::Green,
    Color::Cyan,
    Color::Green,
    Color::Magenta,
    Color::Yellow,
    Color::Blue,
    Color::Black,
    Color::Yellow,
]);
