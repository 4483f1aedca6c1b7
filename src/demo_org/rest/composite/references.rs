//! `@{account.id}`: a value of an earlier answer, in a URL or anywhere in a body.

use std::collections::HashMap;

use serde_json::Value;

/// The bodies of the answers so far, by reference id.
pub(super) type Answers = HashMap<String, Value>;

/// Puts values in place of references; the error names the reference that has none.
pub(super) fn filled(value: &Value, answers: &Answers) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match whole(text) {
            // A reference alone keeps the type of what it names.
            Some(reference) => found(reference, answers)?.clone(),
            None => Value::String(filled_text(text, answers)?),
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, answers)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, inner)| Ok((name.clone(), filled(inner, answers)?)));
            Value::Object(fields.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// The same in a text such as a URL.
pub(super) fn filled_text(text: &str, answers: &Answers) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((reference, more)) = after.split_once('}') else { break };
        out.push_str(before);
        match found(reference, answers)? {
            Value::String(text) => out.push_str(text),
            other => out.push_str(&other.to_string()),
        }
        rest = more;
    }
    out.push_str(rest);
    Ok(out)
}

fn whole(text: &str) -> Option<&str> {
    text.strip_prefix("@{")?.strip_suffix('}').filter(|inside| !inside.contains('}'))
}

/// `account.id`, `rows.records[0].Id`.
fn found<'a>(reference: &str, answers: &'a Answers) -> Result<&'a Value, String> {
    let (id, path) = reference.split_once(['.', '[']).unwrap_or((reference, ""));
    let missing = || format!("Invalid reference specified. No value for {reference} found in {id}");
    let pointer: String = path
        .split(['.', '[', ']'])
        .filter(|step| !step.is_empty())
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect();
    answers
        .get(id)
        .and_then(|body| body.pointer(&pointer))
        .filter(|value| !value.is_null())
        .ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_filled_in() {
        let answers =
            Answers::from([("a".to_owned(), json!({"id": "001", "n": 5, "rows": [{"Id": "003"}]}))]);
        let body =
            json!({"Id": "@{a.id}", "N": "@{a.n}", "Text": "x @{a.id} y @{a.rows[0].Id}", "Keep": "@{"});
        assert_eq!(
            filled(&body, &answers).unwrap(),
            json!({"Id": "001", "N": 5, "Text": "x 001 y 003", "Keep": "@{"})
        );
        assert!(filled_text("/sobjects/Account/@{b.id}", &answers).unwrap_err().contains("b.id"));
    }
}
