//! Themes: from `assets/themes/*.toml` to a style for each role.

use crate::config;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// What a piece of the screen is, for its look. The files have one line for each.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct Theme {
    pub text: Look,
    pub muted: Look,
    pub border: Look,
    pub border_focused: Look,
    pub title: Look,
    pub title_focused: Look,
    pub production: Look,
    pub production_word: Look,
    pub status: Look,
    pub accent: Look,
    pub selected: Look,
    pub selected_unfocused: Look,
    pub key: Look,
    pub good: Look,
    pub bad: Look,
    pub odd: Look,
    pub tag_safe: Look,
    pub tab: Look,
    pub tab_chosen: Look,
    pub cursor: Look,
    pub selection: Look,
    pub member: Look,
    pub string: Look,
    pub number: Look,
    pub boolean: Look,
    pub null: Look,
    pub punctuation: Look,
    pub control: Look,
    #[serde(rename = "match")]
    pub matched: Look,
    #[serde(rename = "match_current")]
    pub matched_current: Look,
}

impl Theme {
    /// The theme of that name, from the files the program was built with.
    pub fn named(name: config::Theme) -> Self {
        let text = match name {
            config::Theme::Dark => include_str!("../../assets/themes/dark.toml"),
            config::Theme::Light => include_str!("../../assets/themes/light.toml"),
            config::Theme::HighContrast => include_str!("../../assets/themes/high-contrast.toml"),
            config::Theme::Mono => include_str!("../../assets/themes/mono.toml"),
        };
        toml::from_str(text).expect("the themes are part of the program; a test reads them all")
    }
}

/// One line of a theme's file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Look {
    fg: Option<Named>,
    bg: Option<Named>,
    bold: bool,
    dim: bool,
    italic: bool,
    underlined: bool,
    reversed: bool,
}

impl Look {
    /// As ratatui has it.
    pub fn style(self) -> Style {
        let mut style = Style { fg: self.fg.map(|c| c.0), bg: self.bg.map(|c| c.0), ..Style::default() };
        let modifiers = [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underlined, Modifier::UNDERLINED),
            (self.reversed, Modifier::REVERSED),
        ];
        for (on, modifier) in modifiers {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

impl From<Look> for Style {
    fn from(look: Look) -> Self {
        look.style()
    }
}

/// A colour by name or as `#rrggbb`.
#[derive(Clone, Copy, Debug)]
struct Named(Color);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom(format!("`{text}` is no colour")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_can_be_read() {
        for name in config::Theme::ALL {
            let _ = Theme::named(*name);
        }
    }

    #[test]
    fn mono_has_not_one_colour() {
        let text = include_str!("../../assets/themes/mono.toml");
        assert!(!text.contains("fg =") && !text.contains("bg ="));
        let theme = Theme::named(config::Theme::Mono);
        assert_ne!(theme.selected.style(), theme.text.style());
        assert_ne!(theme.title_focused.style(), theme.title.style());
    }
}
