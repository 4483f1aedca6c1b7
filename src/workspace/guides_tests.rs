//! What every setup guide has, and that nothing in their files is left over.

use super::guides::{PAGES, RawGuide, STEPS, read, text, *};
use crate::config::{Flow, ProfileField};
use std::collections::BTreeSet;

/// A guide's steps for one kind of app, or for none.
fn ways() -> Vec<(&'static Guide, Option<AppKind>)> {
    let of = |flow: &Flow| {
        let guide = guide(*flow);
        let kinds: Vec<_> = guide.apps.iter().copied().map(Some).collect();
        let kinds = if kinds.is_empty() { vec![None] } else { kinds };
        kinds.into_iter().map(move |kind| (guide, kind))
    };
    Flow::ALL.iter().flat_map(of).collect()
}

fn parts(guide: &Guide, app: Option<AppKind>) -> Vec<Part> {
    let mut parts: Vec<_> = guide.steps_for(app).map(|step| step.part).collect();
    parts.dedup();
    parts
}

#[test]
fn every_flow_has_the_parts_it_needs_in_order() {
    for (guide, app) in ways() {
        let needs = guide.flow.needs();
        let name = guide.flow.name();
        let parts = parts(guide, app);
        assert!(parts.is_sorted(), "{name} {app:?}: {parts:?}");
        // An asset token is asked for with tokens of the app, without its key.
        let has_app = needs.uses(ProfileField::ConsumerKey) || guide.flow == Flow::Asset;
        assert_eq!(has_app, app.is_some(), "{name}");
        let mut wanted = vec![Part::Host, Part::Users, Part::Effect, Part::Practice];
        if has_app {
            wanted.extend([Part::App, Part::Keys]);
        }
        if guide.flow.waits_for_person() {
            wanted.push(Part::Login);
        }
        for part in wanted {
            assert!(parts.contains(&part), "{name} {app:?} has nothing for “{}”", part.heading());
        }
        let counts = guide.steps_for(app).filter(|step| step.counts).count();
        assert_eq!(counts, usize::from(has_app), "{name}: the clock is started once, where there is an app");
        let scopes = guide.steps_for(app).filter(|step| step.scopes).count();
        assert_eq!(scopes, usize::from(has_app), "{name}: the scopes stand once");
        assert_eq!(guide.scopes.is_empty(), !has_app, "{name}");
    }
}

#[test]
fn every_way_names_each_field_that_the_flow_cannot_do_without() {
    for (guide, app) in ways() {
        let needs = guide.flow.needs();
        let shown: BTreeSet<_> = guide.steps_for(app).flat_map(|step| step.fields.iter().copied()).collect();
        for field in needs.required {
            assert!(shown.contains(field), "{} {app:?} does not show {}", guide.flow.name(), field.key());
        }
        for field in &shown {
            assert!(needs.uses(*field), "{} does not use {}", guide.flow.name(), field.key());
        }
    }
}

#[test]
fn an_app_is_made_checked_and_saved_for_each_kind() {
    for (guide, app) in ways().into_iter().filter(|(_, app)| app.is_some()) {
        let name = guide.flow.name();
        let find = |part: Part| -> Vec<_> {
            guide.steps_for(app).filter(|s| s.part == part).filter_map(|s| s.page).collect()
        };
        let wanted = match app {
            Some(AppKind::External) => "External Client App Manager",
            _ => "App Manager",
        };
        let has_key = guide.flow.needs().uses(ProfileField::ConsumerKey);
        for part in [Part::App, Part::Keys].into_iter().filter(|part| has_key || *part == Part::App) {
            assert!(find(part).iter().any(|page| page.find == wanted), "{name} {app:?}: {}", part.heading());
        }
        let callback = guide.steps_for(app).any(|step| {
            step.fields.contains(&ProfileField::RedirectUri)
                || step.copy.as_deref() == Some("{login}/services/oauth2/success")
        });
        let is_there = guide.flow == Flow::RefreshToken;
        assert!(callback || is_there, "{name} {app:?}: a new app has a callback URL");
        let mailed =
            guide.steps_for(app).any(|step| step.says.contains("verification code that Salesforce sends"));
        assert!(mailed || !has_key, "{name} {app:?}");
    }
    assert_eq!(guide(Flow::Password).apps, [AppKind::Connected], "External Client Apps do not know it");
}

#[test]
fn every_scope_is_in_the_table() {
    for flow in Flow::ALL {
        for scope in &guide(*flow).scopes {
            assert!(scope_label(scope).is_some(), "{}: {scope}", flow.name());
        }
    }
    assert_eq!(scope_label("api").unwrap().label, "Manage user data via APIs");
    assert!(scope_label("apl").is_none());
}

#[test]
fn the_texts_are_short_sentences() {
    for flow in Flow::ALL {
        let guide = guide(*flow);
        for text in guide.steps.iter().map(|s| &s.says).chain([&guide.about]) {
            let first = text.trim_start_matches('“').chars().next().unwrap();
            assert!(first.is_uppercase() && text.ends_with('.'), "{}: {text}", flow.name());
            assert!(text.chars().count() <= 170, "{}: {text}", flow.name());
        }
        for text in guide.steps.iter().flat_map(|s| [Some(&s.says), s.why.as_ref()]).flatten() {
            assert_eq!(text.matches('“').count(), text.matches('”').count(), "{text}");
        }
        for why in guide.steps.iter().filter_map(|s| s.why.as_ref()) {
            assert!(why.chars().count() <= 240 && !why.contains('{'), "{}: {why}", flow.name());
        }
        let mut ids: Vec<_> = guide.steps.iter().map(|s| &s.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), guide.steps.len(), "{}: a step stands twice", flow.name());
    }
}

#[test]
fn nothing_in_the_files_is_left_over() {
    let mut used = BTreeSet::new();
    for flow in Flow::ALL {
        let raw: RawGuide = read(text(*flow));
        for id in raw.own.keys() {
            assert!(raw.steps.contains(id), "{}: the step {id} is not in the list", flow.name());
        }
        used.extend(raw.steps.into_iter().filter(|id| !raw.own.contains_key(id)));
    }
    assert_eq!(STEPS.keys().filter(|id| !used.contains(*id)).collect::<Vec<_>>(), Vec::<&String>::new());
    let pages: BTreeSet<_> =
        Flow::ALL.iter().flat_map(|f| &guide(*f).steps).filter_map(|s| Some(&s.page?.find)).collect();
    for page in PAGES.values() {
        assert!(pages.contains(&page.find), "{} is on no way", page.find);
        assert!(page.path.starts_with("/lightning/setup/") && page.path.ends_with("/home"), "{}", page.path);
    }
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/guides")).unwrap().count();
    assert_eq!(files, Flow::ALL.len() + 5, "a file for each flow; steps, setup, scopes, effect, retirements");
}

#[test]
fn what_a_young_app_is_answered_is_known() {
    assert!(may_not_be_known_yet("invalid_client_id", "client identifier invalid"));
    assert!(may_not_be_known_yet("invalid_client", "App must be installed into org"));
    assert!(!may_not_be_known_yet("invalid_client", "invalid client credentials"));
    assert!(!may_not_be_known_yet("invalid_grant", "authentication failure"));
    let times = effect();
    assert!(times.least < times.most && times.most < times.longest);
}

#[test]
fn the_closing_list_has_what_belongs_to_the_flow() {
    for flow in Flow::ALL {
        let needs = flow.needs();
        let practice: Vec<_> =
            guide(*flow).steps.iter().filter(|s| s.part == Part::Practice).map(|s| s.id.as_str()).collect();
        let wanted = [
            ("practice-production", true),
            ("practice-scopes", needs.uses(ProfileField::ConsumerKey)),
            ("practice-ip", needs.uses(ProfileField::LoginUrl)),
            (
                "practice-secret",
                needs.uses(ProfileField::ConsumerSecret) || needs.uses(ProfileField::Password),
            ),
            ("practice-rotate", needs.uses(ProfileField::ConsumerSecret)),
            ("practice-key", needs.uses(ProfileField::PrivateKeyFile)),
            ("practice-refresh", *flow == Flow::RefreshToken),
        ];
        for (id, wanted) in wanted {
            assert!(!wanted || practice.contains(&id), "{}: {id} is not in {practice:?}", flow.name());
        }
    }
}
