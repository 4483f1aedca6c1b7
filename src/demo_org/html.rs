//! HTML made of templates: what goes in is escaped unless it is HTML already.
//!
//! May know HTML. May not know what a page is for.

use quick_xml::escape::escape;

/// A piece of HTML.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Html(String);

impl Html {
    /// Text, escaped.
    pub(super) fn text(text: &str) -> Self {
        Self(escape(text).into_owned())
    }

    /// Pieces in a row.
    pub(super) fn all(pieces: impl IntoIterator<Item = Html>) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }

    /// A template with a piece of HTML for each `{{name}}`; names that are not given leave nothing. What is filled
    /// in is not looked at again, so nobody can write a name into it.
    pub(super) fn fill(template: &str, pieces: &[(&str, Html)]) -> Self {
        let mut parts = template.split("{{");
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once("}}").unwrap_or(("", part));
            if let Some((_, piece)) = pieces.iter().find(|(key, _)| *key == name) {
                made.push_str(&piece.0);
            }
            made.push_str(rest);
        }
        Self(made)
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Html {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stays_text() {
        let page = Html::fill(
            r#"<p title="{{title}}">{{text}}{{inner}}{{none}}</p>"#,
            &[
                ("title", Html::text(r#"a" onclick='x"#)),
                ("text", Html::text("<script>{{inner}}&")),
                ("inner", Html::fill("<b>{{x}}</b>", &[("x", Html::text("1 < 2"))])),
            ],
        );
        assert_eq!(
            page.into_string(),
            r#"<p title="a&quot; onclick=&apos;x">&lt;script&gt;{{inner}}&amp;<b>1 &lt; 2</b></p>"#
        );
    }
}
