//! The versions that an org speaks, and the resources of one.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Ctx;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::orgs::OrgSpec;
use crate::demo_org::world::World;

/// Older ones were removed in Summer '25. Unconfirmed: not read in a published source.
const OLDEST: u16 = 31;

/// The first version that ever was.
const FIRST: u16 = 7;

/// `/services/data`: needs no token; generic hosts list those of production.
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, Fault> {
    super::get(call)?;
    let newest = world.org(call.door).spec.newest_version;
    let all: Vec<Value> = (OLDEST..=newest)
        .map(|number| {
            json!({
                "label": label(number),
                "url": format!("/services/data/v{number}.0"),
                "version": format!("{number}.0"),
            })
        })
        .collect();
    Ok(Reply::data("Versions", Value::Array(all)))
}

/// Three releases a year; Winter carries the number of the next year.
fn label(number: u16) -> String {
    let year = number / 3 + 4;
    match number % 3 {
        0 => format!("Spring '{year}"),
        1 => format!("Summer '{year}"),
        _ => format!("Winter '{}", year + 1),
    }
}

/// The version of a path, if the org speaks it.
pub(super) fn check(org: &OrgSpec, segment: &str) -> Result<String, Fault> {
    let number =
        segment.strip_prefix('v').and_then(|text| text.strip_suffix(".0")).and_then(|text| text.parse().ok());
    match number {
        Some(number) if (OLDEST..=org.newest_version).contains(&number) => Ok(format!("v{number}.0")),
        Some(number) if (FIRST..OLDEST).contains(&number) => {
            let message =
                format!("The API version {number}.0 is no longer supported: use {OLDEST}.0 or later");
            Err(Fault::new(StatusCode::GONE, "UNSUPPORTED_API_VERSION", message))
        }
        _ => Err(Fault::not_found()),
    }
}

/// `/services/data/vNN.0`.
pub(super) fn resources(ctx: &Ctx<'_>) -> Result<Reply, Fault> {
    const NAMES: [&str; 9] = [
        "tooling",
        "limits",
        "sobjects",
        "query",
        "queryAll",
        "search",
        "parameterizedSearch",
        "recent",
        "composite",
    ];
    let mut all: Map<String, Value> =
        NAMES.iter().map(|name| ((*name).to_owned(), Value::String(ctx.url(name)))).collect();
    let id = format!(
        "{}/id/{}/{}",
        ctx.world.base(crate::demo_org::call::Door::instance_of(ctx.session.of.org)),
        ctx.org.id(),
        ctx.session.of.user_id
    );
    all.insert("identity".to_owned(), Value::String(id));
    Ok(Reply::data("Resources", Value::Object(all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_their_names() {
        for (number, name) in [
            (31, "Summer '14"),
            (60, "Spring '24"),
            (65, "Winter '26"),
            (66, "Spring '26"),
            (67, "Summer '26"),
        ] {
            assert_eq!(label(number), name);
        }
    }

    #[test]
    fn only_versions_in_the_right_form_are_known() {
        let org = &OrgSpec::all()[0];
        assert_eq!(check(org, "v66.0").unwrap(), "v66.0");
        assert_eq!(check(org, "v29.0").unwrap_err().status, StatusCode::GONE);
        for wrong in ["66.0", "v66", "v67.0", "v066.0x", "latest"] {
            assert_eq!(check(org, wrong).unwrap_err().code, "NOT_FOUND", "{wrong}");
        }
    }
}
