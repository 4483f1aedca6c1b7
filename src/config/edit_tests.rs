//! Laws and examples of edits.

use super::{edit::*, fields::FieldKind, form::*, load::parse, *};
use crate::config::ProfileField as F;
use proptest::prelude::*;

const FILE: &str = r#"# orgdeck's configuration of Ada

[settings]
theme   =   "light"   # easier on the train

# Acme, test
[profiles.acme-uat]
environment = "sandbox" # refreshed in May
flow='password'
consumer_key    = "3MVG9uat"
# the integration user
username = "ada@acme.com.uat"
password = { env = "ACME_UAT_PASSWORD" }   # set by direnv
scopes = [
    "api", # always
    "web",
]

[profiles.acme-uat.variables]
account_id = "001A" # Acme
contact_id = "003A"

# Acme, live. Careful!
[profiles.acme-prod]
environment = "production"
flow = "client_credentials"
login_url = "https://acme.my.salesforce.com"

[profiles.trailhead]
flow = "access_token"
access_token = { ask = true }
instance_url = "https://ada-dev-ed.develop.my.salesforce.com"
# the end
"#;

fn id(name: &str) -> ProfileId {
    ProfileId::new(name)
}

fn form(text: &str, name: &str) -> ProfileForm {
    ProfileForm::of(parse(text).unwrap().profile(&id(name)).unwrap())
}

fn names(text: &str) -> Vec<String> {
    parse(text).unwrap().profiles.iter().map(|profile| profile.id.to_string()).collect()
}

fn changed(text: &str, name: &str, change: impl FnOnce(&mut ProfileForm)) -> Result<String, ConfigError> {
    let mut form = form(text, name);
    change(&mut form);
    upsert_profile(text, Some(&id(name)), &form)
}

/// Lines taken out and put in.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let only = |a: &str, b: &str| -> Vec<String> {
        let mut rest: Vec<&str> = b.split_inclusive('\n').collect();
        let mut gone = Vec::new();
        for line in a.split_inclusive('\n') {
            match rest.iter().position(|other| *other == line) {
                Some(at) => drop(rest.remove(at)),
                None => gone.push(line.to_owned()),
            }
        }
        gone
    };
    (only(before, after), only(after, before))
}

#[test]
fn nothing_changed_changes_nothing() {
    for name in ["acme-uat", "acme-prod", "trailhead"] {
        assert_eq!(changed(FILE, name, |_| {}).unwrap(), FILE);
    }
}

#[test]
fn one_field_is_one_line_and_its_comment_stays() {
    let after = changed(FILE, "acme-uat", |form| {
        form.set(F::Password, FormValue::Secret(SecretInput::new(SecretKind::Command, "pass show 'sf uat'")));
    });
    let (gone, new) = difference(FILE, &after.unwrap());
    assert_eq!(gone, ["password = { env = \"ACME_UAT_PASSWORD\" }   # set by direnv\n"]);
    assert_eq!(new, ["password = { command = [\"pass\", \"show\", \"sf uat\"] }   # set by direnv\n"]);
}

#[test]
fn another_environment_leaves_no_login_host_of_the_old_one() {
    let text = "[profiles.x]\nenvironment = \"sandbox\"\nflow = \"password\"\nlogin_url = \"https://test.salesforce.com\"\n";
    let after = changed(text, "x", |form| form.set_text(F::Environment, "production")).unwrap();
    assert_eq!(after, "[profiles.x]\nenvironment = \"production\"\nflow = \"password\"\n");
}

#[test]
fn renaming_keeps_the_place_and_everything_in_it() {
    let after = changed(FILE, "acme-uat", |form| form.set_text(F::Name, "acme test")).unwrap();
    assert_eq!(names(&after), ["acme test", "acme-prod", "trailhead"]);
    let (gone, new) = difference(FILE, &after);
    assert_eq!(gone, ["[profiles.acme-uat]\n", "[profiles.acme-uat.variables]\n"]);
    assert_eq!(new, ["[profiles.\"acme test\"]\n", "[profiles.\"acme test\".variables]\n"]);
}

#[test]
fn variables_change_one_by_one() {
    let after = changed(FILE, "acme-uat", |form| {
        let pairs = [("contact_id", "003B"), ("account_id", "001A"), ("q", "a \"b\"")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        form.set(F::Variables, FormValue::Pairs(pairs));
    });
    let after = after.unwrap();
    assert!(
        after.contains("contact_id = \"003B\"\naccount_id = \"001A\" # Acme\nq = 'a \"b\"'\n"),
        "{after}"
    );
    let (gone, _) = difference(FILE, &after);
    assert_eq!(gone, ["contact_id = \"003A\"\n"]);
    let none = changed(FILE, "acme-uat", |form| form.set(F::Variables, FormValue::Pairs(vec![]))).unwrap();
    assert!(!none.contains("variables") && parse(&none).is_ok());
}

#[test]
fn a_new_profile_goes_to_the_end_of_any_file() {
    let mut form = ProfileForm::blank();
    form.set_text(F::Name, "new");
    form.set_text(F::ConsumerKey, "3MVG9");
    form.set(F::Headers, FormValue::Pairs(vec![("X-PrettyPrint".into(), "1".into())]));
    let section = "[profiles.new]\nenvironment = \"production\"\nflow = \"authorization_code\"\nconsumer_key = \"3MVG9\"\n\n\
                   [profiles.new.headers]\nX-PrettyPrint = \"1\"\n";
    assert_eq!(upsert_profile("", None, &form).unwrap(), section);
    let after = upsert_profile(FILE, None, &form).unwrap();
    assert_eq!(names(&after), ["acme-uat", "acme-prod", "trailhead", "new"]);
    assert!(after.contains(section) && difference(FILE, &after).0.is_empty(), "{after}");
    let inline = "profiles = { a = { flow = \"password\" } } # short\n";
    let after = upsert_profile(inline, None, &form).unwrap();
    assert_eq!(names(&after), ["a", "new"]);
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_nothing_is_written() {
    let wrong = |field, value: FormValue| {
        let error = changed(FILE, "acme-uat", |form| form.set(field, value)).unwrap_err();
        assert_eq!(error.profile_field("acme-uat"), Some(field), "{error}");
        assert_eq!(error.line, None);
        error.to_string()
    };
    let text = |text: &str| FormValue::Text(text.into());
    let pairs = |pairs: &[(&str, &str)]| {
        FormValue::Pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    };
    assert!(wrong(F::Name, text("acme-prod")).contains("is taken"));
    assert!(wrong(F::Name, text(" ")).contains("is empty"));
    assert!(wrong(F::LoginUrl, text("http://acme.com")).contains("http://"));
    assert!(wrong(F::Timeout, text("soon")).contains("number of seconds"));
    assert!(wrong(F::ApiVersion, text("x")).contains("API version"));
    assert!(wrong(F::Flow, text("magic")).contains("no flow"));
    assert!(wrong(F::Headers, pairs(&[("a b", "")])).contains("header's name"));
    assert!(wrong(F::Variables, pairs(&[("a", ""), ("a", "")])).contains("twice"));
    let secret = |kind, text: &str| FormValue::Secret(SecretInput::new(kind, text));
    assert!(wrong(F::Password, secret(SecretKind::Env, "")).contains("environment variable"));
    assert!(wrong(F::Password, secret(SecretKind::Command, "a 'b")).contains("quote"));
    assert!(wrong(F::PrivateKeyFile, text("key.pem")).contains("absolute"));
}

#[test]
fn plain_text_is_kept_as_it_is_and_cannot_be_made() {
    let text = "[profiles.x]\nflow = 'password'\npassword = 'hunter2' # sorry\n";
    let after = changed(text, "x", |form| form.set_text(F::Username, "ada")).unwrap();
    assert_eq!(after, format!("{text}username = \"ada\"\n"));
    let plain = FormValue::Secret(SecretInput::new(SecretKind::Plain, "hunter3"));
    assert!(changed(text, "x", |form| form.set(F::Password, plain)).is_err());
}

#[test]
fn a_copy_stands_behind_its_original() {
    let after = duplicate_profile(FILE, &id("acme-uat"), "acme-qa").unwrap();
    assert_eq!(names(&after), ["acme-uat", "acme-qa", "acme-prod", "trailhead"]);
    assert!(difference(FILE, &after).0.is_empty());
    let mut copy = form(&after, "acme-qa");
    copy.set_text(F::Name, "acme-uat");
    assert_eq!(copy, form(FILE, "acme-uat"));
    assert!(duplicate_profile(FILE, &id("acme-uat"), "trailhead").is_err());
}

#[test]
fn deleting_takes_the_profile_alone() {
    let after = delete_profile(FILE, &id("acme-prod")).unwrap();
    let start = FILE.find("# Acme, live").unwrap();
    let end = FILE.find("[profiles.trailhead]").unwrap();
    assert_eq!(after, format!("{}{}", &FILE[..start], &FILE[end..]));
    let mut text = FILE.to_owned();
    for name in ["trailhead", "acme-uat", "acme-prod"] {
        text = delete_profile(&text, &id(name)).unwrap();
    }
    assert!(names(&text).is_empty() && text.contains("of Ada") && text.contains("# the end"), "{text}");
    assert!(
        delete_profile(&text, &id("acme-uat")).unwrap_err().to_string().contains("not in the file any more")
    );
}

#[test]
fn the_file_s_own_comment_outlives_the_first_profile() {
    let text = "# my orgs\n\n# one\n[profiles.a]\nflow = 'device'\n\n# two\n[profiles.b]\nflow = 'device'\n";
    let rest = "# my orgs\n\n# two\n[profiles.b]\nflow = 'device'\n";
    assert_eq!(delete_profile(text, &id("a")).unwrap(), rest);
    assert!(delete_profile(rest, &id("b")).unwrap().contains("# my orgs"));
    let swapped =
        "# my orgs\n\n# two\n[profiles.b]\nflow = 'device'\n\n# one\n[profiles.a]\nflow = 'device'\n";
    assert_eq!(move_profile(text, &id("b"), Direction::Up).unwrap(), swapped);
    assert_eq!(move_profile(swapped, &id("b"), Direction::Down).unwrap(), text);
}

#[test]
fn moving_there_and_back_is_nothing() {
    for (name, there, back) in
        [("acme-uat", Direction::Down, Direction::Up), ("trailhead", Direction::Up, Direction::Down)]
    {
        let moved = move_profile(FILE, &id(name), there).unwrap();
        assert_ne!(names(&moved), names(FILE));
        assert_eq!(difference(FILE, &moved), (vec![], vec![]));
        assert_eq!(move_profile(&moved, &id(name), back).unwrap(), FILE);
    }
    assert_eq!(move_profile(FILE, &id("acme-uat"), Direction::Up).unwrap(), FILE);
}

#[test]
fn line_ends_of_windows_stay() {
    let text = FILE.replace('\n', "\r\n");
    let after = changed(&text, "acme-uat", |form| form.set_text(F::Username, "eva@acme.com.uat")).unwrap();
    assert_eq!(difference(&text, &after).0, ["username = \"ada@acme.com.uat\"\r\n"]);
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn profiles_in_other_spellings_can_be_edited_too() {
    for text in [
        "profiles.a.flow = 'device'\nprofiles.a.username = 'x'\n",
        "profiles = { a = { flow = 'device', username = 'x' } }\n",
        "[profiles]\na = { flow = 'device', username = 'x' }\n",
        "[profiles]\na.flow = 'device'\na.username = 'x'\n",
        "[profiles.a]\nusername = 'x'\nflow = 'device'\n[profiles.a.password]\nenv = 'P'\n",
    ] {
        let after = changed(text, "a", |form| {
            form.set_text(F::Name, "b");
            form.set_text(F::Username, "y");
            form.set_text(F::PrivateKeyFile, "/k.pem");
            form.set(F::Password, FormValue::Secret(SecretInput::new(SecretKind::Ask, "")));
            form.set(F::Variables, FormValue::Pairs(vec![("v".into(), "1".into())]));
        })
        .unwrap();
        let form = form(&after, "b");
        assert_eq!(form.text(F::Username), "y", "{after}");
        assert_eq!(form.text(F::PrivateKeyFile), "/k.pem", "{after}");
        let copied = duplicate_profile(&after, &id("b"), "c").unwrap();
        assert_eq!(names(&copied), ["b", "c"], "{copied}");
        assert_eq!(names(&delete_profile(&copied, &id("b")).unwrap()), ["c"]);
        assert!(move_profile(&copied, &id("b"), Direction::Down).is_ok());
    }
}

/// A value that the field takes and that a loaded form shows the same way.
fn value(field: F) -> BoxedStrategy<FormValue> {
    let text = |pattern: &'static str| pattern.prop_map(FormValue::Text).boxed();
    match field {
        F::Name => text("[a-z][a-z0-9. \"'é-]{0,10}[a-z]"),
        F::LoginUrl => text("|https://[a-z]{1,8}\\.my\\.salesforce\\.com"),
        F::InstanceUrl => text("|https://[a-z]{1,8}\\.my\\.salesforce\\.com"),
        F::RedirectUri => text("|http://localhost:1717/[a-z]{1,8}"),
        F::SubjectTokenType => text("|id_token|urn:x:[a-z]{1,5}"),
        F::Scopes => text("|api|api web refresh_token"),
        F::PrivateKeyFile | F::CaFile => text("|/[a-z \"']{0,8}[a-z]\\.pem"),
        F::SoapApiVersion => text("|[3-6][0-9]\\.0"),
        F::ApiVersion => text("latest|[3-6][0-9]\\.0"),
        F::ExpectedOrgId => text("|00D[A-Za-z0-9]{12}"),
        F::Colour => text("|red|#[0-9a-f]{6}"),
        F::Timeout => text("|[1-9][0-9]{0,3}"),
        F::Proxy => text("|socks5h://[a-z]{1,8}:1080"),
        _ => match field.kind() {
            FieldKind::OneOf { words, optional } => {
                let words: Vec<&str> =
                    optional.then_some("").into_iter().chain(words.iter().copied()).collect();
                prop::sample::select(words).prop_map(|word| FormValue::Text(word.to_owned())).boxed()
            }
            FieldKind::Flag { .. } => any::<bool>().prop_map(FormValue::Flag).boxed(),
            FieldKind::Secret(_) => secret().prop_map(FormValue::Secret).boxed(),
            FieldKind::Pairs => prop::collection::btree_map("[A-Za-z][A-Za-z0-9-]{0,6}", "[ -~é]{0,9}", 0..4)
                .prop_map(|pairs| FormValue::Pairs(unlike(pairs.into_iter().collect())))
                .boxed(),
            _ => text("|[!-~é]([ -~é]{0,12}[!-~é])?"),
        },
    }
}

/// Without names that differ in case alone.
fn unlike(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut seen = std::collections::HashSet::new();
    pairs.retain(|(name, _)| seen.insert(name.to_ascii_lowercase()));
    pairs
}

fn secret() -> impl Strategy<Value = SecretInput> {
    prop_oneof![
        Just(SecretInput::default()),
        Just(SecretInput::new(SecretKind::Ask, "")),
        Just(SecretInput::new(SecretKind::Keyring, "")),
        "[A-Z_]{1,9}".prop_map(|name| SecretInput::new(SecretKind::Env, name)),
        "[a-z/]{1,6}( [a-z/$-]{1,6}){0,2}( 'a b')?"
            .prop_map(|line| SecretInput::new(SecretKind::Command, line)),
    ]
}

fn any_form() -> impl Strategy<Value = ProfileForm> {
    F::all().map(|field| value(field).prop_map(move |value| (field, value))).collect::<Vec<_>>().prop_map(
        |values| {
            let mut form = ProfileForm::blank();
            for (field, value) in values {
                form.set(field, value);
            }
            form
        },
    )
}

fn any_change() -> impl Strategy<Value = (F, FormValue)> {
    prop::sample::select(F::all().collect::<Vec<_>>())
        .prop_flat_map(|field| value(field).prop_map(move |value| (field, value)))
}

proptest! {
    #[test]
    fn a_saved_form_loads_as_it_was(form in any_form()) {
        let name = form.text(F::Name).to_owned();
        for text in ["", FILE] {
            let saved = upsert_profile(text, None, &form).unwrap();
            prop_assert_eq!(&self::form(&saved, &name), &form, "{}", saved);
        }
        let over = upsert_profile(FILE, Some(&id("acme-uat")), &form).unwrap();
        prop_assert_eq!(&self::form(&over, &name), &form, "{}", over);
        prop_assert_eq!(&names(&over)[0], &name);
        for other in ["acme-prod", "trailhead"] {
            prop_assert_eq!(self::form(&over, other), self::form(FILE, other));
        }
    }

    #[test]
    fn one_change_leaves_every_other_line(form in any_form(), (field, value) in any_change()) {
        let name = form.text(F::Name).to_owned();
        let text = upsert_profile(FILE, None, &form).unwrap();
        let after = changed(&text, &name, |form| form.set(field, value)).unwrap();
        let (gone, new) = difference(&text, &after);
        let expected = match field {
            F::Name => 4,                          // the headers of the profile and its tables
            F::Headers | F::Variables => 6,        // each pair is a line; header and blank line
            F::PrivateKeyFile | F::JwtAudience => 3, // the table's header and blank line
            F::Environment => 2,                   // and perhaps the login host
            _ => 1,
        };
        prop_assert!(gone.len() <= expected && new.len() <= expected, "{gone:?} → {new:?}\n{after}");
        let about = |line: &String| match field {
            F::Name => line.starts_with('['),
            F::Headers | F::Variables | F::PrivateKeyFile | F::JwtAudience => true,
            F::Environment => line.starts_with("environment") || line.starts_with("login_url"),
            _ => line.starts_with(field.key()),
        };
        prop_assert!(gone.iter().chain(&new).all(about), "{field:?}: {gone:?} → {new:?}");
    }

    #[test]
    fn no_file_that_loads_makes_an_edit_panic(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..9),
        form in any_form(),
    ) {
        let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let Ok(config) = parse(&text) else { return Ok(()) };
        prop_assert!(upsert_profile(&text, None, &form).is_ok_and(|edited| parse(&edited).is_ok()));
        for profile in &config.profiles {
            let id = &profile.id;
            prop_assert_eq!(&upsert_profile(&text, Some(id), &ProfileForm::of(profile)).unwrap(), &text);
            let edited = upsert_profile(&text, Some(id), &form).unwrap();
            prop_assert_eq!(names(&edited).len(), config.profiles.len(), "{}\n→\n{}", text, edited);
            let fewer = delete_profile(&text, id).unwrap();
            prop_assert_eq!(names(&fewer).len() + 1, config.profiles.len(), "{}\n→\n{}", text, fewer);
            let more = duplicate_profile(&text, id, "copy of it").unwrap();
            prop_assert_eq!(names(&more).len(), config.profiles.len() + 1, "{}\n→\n{}", text, more);
            for direction in [Direction::Up, Direction::Down] {
                let mut moved = names(&move_profile(&text, id, direction).unwrap());
                let mut before = names(&text);
                moved.sort();
                before.sort();
                prop_assert_eq!(moved, before);
            }
        }
    }
}

/// Lines in many spellings, of which some combinations are a configuration.
const LINES: &[&str] = &[
    "",
    "# a comment",
    "profiles.a.flow = 'device'",
    "profiles.b = { flow = 'device', variables = { x = '1' } }",
    "profiles = { c = { flow = 'device' } }",
    "profiles = {}",
    "[profiles]",
    "d = { flow = 'device', headers = { X = 'y' } }",
    "e.flow = 'device'",
    "e.variables.x = '1'",
    "[profiles.f]",
    "[profiles.'g h']",
    "[profiles.f.variables]",
    "[profiles.f.jwt]",
    "private_key_file = '/k.pem'",
    "audience = 'https://test.salesforce.com'",
    "flow = 'password' # ok",
    "username = 'ada'",
    "password = 'plain'",
    "scopes = [",
    "  'api', # always",
    "]",
    "[settings]",
    "mouse = false",
    "settings.mouse = true",
];
