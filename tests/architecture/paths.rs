//! From Rust source to the paths it names, as tokens: nothing here knows a rule of ours.
//!
//! `use` groups are opened, `self` and `super` are resolved against the module the file is, imported
//! names are put back to what they stand for, and the insides of macros are read like any other code.
//! What is under `#[cfg(test)]` is left out: it is not part of the program.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as the source means it: `crate::…` for ours, the crate's name first for anybody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Resolved segments, at least one.
    pub path: Vec<String>,
    /// `use path::*`: everything below `path`.
    pub glob: bool,
    /// Where it stands, counted from 1.
    pub line: usize,
}

/// What one source file says that matters to the arrows.
#[derive(Debug, Default)]
pub struct Source {
    pub named: Vec<Named>,
    /// Names of methods called without an argument, with their lines: `.elapsed()` reads the clock.
    pub methods: Vec<(String, usize)>,
    /// Modules declared as `#[cfg(test)] mod name;`: their files are tests.
    pub test_modules: Vec<String>,
}

/// Reads the source of `module` (`["app", "panes"]` for `src/app/panes.rs`, none for the crate root).
pub fn read(source: &str, module: &[String]) -> Source {
    let tokens: TokenStream = source.parse().expect("the source compiles, so it can be tokenised");
    let mut reader = Reader::default();
    reader.stream(tokens, module);
    reader.resolved()
}

/// A path as written, with the module it was written in.
struct Raw {
    segments: Vec<String>,
    module: Vec<String>,
    glob: bool,
    imported: bool,
    line: usize,
}

#[derive(Default)]
struct Reader {
    raw: Vec<Raw>,
    /// What each imported name stands for; one name may be imported in several places.
    names: HashMap<String, Vec<Vec<String>>>,
    source: Source,
}

impl Reader {
    fn stream(&mut self, stream: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.token(&tokens, at, module);
        }
    }

    /// Handles what begins at `at`; answers where the next thing begins.
    fn token(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        match &tokens[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' => self.attribute(tokens, at, module),
            TokenTree::Punct(punct) if punct.as_char() == '.' => {
                if let (Some(TokenTree::Ident(method)), Some(TokenTree::Group(arguments))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                    && arguments.delimiter() == Delimiter::Parenthesis
                    && arguments.stream().is_empty()
                {
                    self.source.methods.push((method.to_string(), method.span().start().line));
                }
                at + 1
            }
            TokenTree::Ident(word) if word == "mod" => self.module(tokens, at, module),
            TokenTree::Ident(word) if word == "use" => self.import(tokens, at + 1, module),
            TokenTree::Ident(word) if word == "extern" && is_word(tokens.get(at + 1), "crate") => {
                self.import(tokens, at + 2, module)
            }
            TokenTree::Ident(_) => {
                let end = self.path(tokens, at, &[], module, false);
                end.max(at + 1)
            }
            TokenTree::Group(group) => {
                self.stream(group.stream(), module);
                at + 1
            }
            _ => at + 1,
        }
    }

    /// `#[cfg(test)]` hides the item after it; other attributes are read as code.
    fn attribute(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        let Some(TokenTree::Group(group)) = tokens.get(at + 1) else { return at + 1 };
        if !is_cfg_test(group) {
            self.stream(group.stream(), module);
            return at + 2;
        }
        let end = item_end(tokens, at + 2);
        if let [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_)] = &tokens[at..end]
            && word == "mod"
        {
            self.source.test_modules.push(plain(&name.to_string()));
        }
        end
    }

    /// `mod name { … }` is read as a module of its own; `mod name;` names nothing.
    fn module(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        match (tokens.get(at + 1), tokens.get(at + 2)) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) => {
                let mut inner = module.to_vec();
                inner.push(plain(&name.to_string()));
                self.stream(body.stream(), &inner);
                at + 3
            }
            _ => at + 2,
        }
    }

    /// The tree after `use`, up to its `;`.
    fn import(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        let at = if colons(tokens, at) { at + 2 } else { at };
        self.path(tokens, at, &[], module, true).max(at + 1)
    }

    /// One path and, in an import, the whole tree below it. `prefix` is what stands before the group.
    fn path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        prefix: &[String],
        module: &[String],
        imported: bool,
    ) -> usize {
        let mut segments = prefix.to_vec();
        let mut line = 0;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => {
                    line = word.span().start().line;
                    segments.push(plain(&word.to_string()));
                    at += 1;
                }
                Some(TokenTree::Punct(star)) if imported && star.as_char() == '*' => {
                    let line = star.span().start().line;
                    self.raw.push(Raw { segments, module: module.to_vec(), glob: true, imported, line });
                    return at + 1;
                }
                Some(TokenTree::Group(group)) if imported => {
                    self.group(group, &segments, module);
                    return at + 1;
                }
                _ => break,
            }
            if !colons(tokens, at) {
                break;
            }
            at += 2;
        }
        let alias = alias(tokens, at);
        self.found(segments, alias, module, imported, line);
        at
    }

    fn group(&mut self, group: &Group, prefix: &[String], module: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for branch in tokens.split(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ',')) {
            if !branch.is_empty() {
                self.path(branch, 0, prefix, module, true);
            }
        }
    }

    fn found(
        &mut self,
        mut segments: Vec<String>,
        alias: Option<String>,
        module: &[String],
        imported: bool,
        line: usize,
    ) {
        if imported && segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop(); // `use a::{self}` is `use a`
        }
        if imported && let Some(name) = alias.or_else(|| segments.last().cloned()) {
            self.names.entry(name).or_default().push(absolute(&segments, module));
        }
        self.raw.push(Raw { segments, module: module.to_vec(), glob: false, imported, line });
    }

    /// Puts imported names back to what they stand for.
    fn resolved(self) -> Source {
        let Self { raw, names, mut source } = self;
        for Raw { segments, module, glob, imported, line } in raw {
            if segments.is_empty() || (segments.len() == 1 && !imported) {
                continue; // a variable, a type, a keyword: it reaches nothing that was not imported
            }
            let own = absolute(&segments, &module);
            let through = names.get(&segments[0]).into_iter().flatten().map(|meant| {
                let mut path = meant.clone();
                path.extend_from_slice(&segments[1..]);
                path
            });
            let through: Vec<_> = through.filter(|path| *path != own).collect();
            for path in through.into_iter().chain([own]) {
                source.named.push(Named { path, glob, line });
            }
        }
        source
    }
}

/// `self` and `super` replaced by the module they mean, from `crate` down.
fn absolute(segments: &[String], module: &[String]) -> Vec<String> {
    let mut base: Vec<String> = ["crate".to_owned()].into_iter().chain(module.iter().cloned()).collect();
    let relative = segments.iter().take_while(|s| *s == "self" || *s == "super");
    let mut skipped = 0;
    for word in relative {
        skipped += 1;
        if word == "super" && base.len() > 1 {
            base.pop();
        }
    }
    if skipped == 0 {
        return segments.to_vec();
    }
    base.extend_from_slice(&segments[skipped..]);
    base
}

/// Whether an attribute's group is `cfg(test)` or `cfg(all(test, …))`.
fn is_cfg_test(attribute: &Group) -> bool {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let [TokenTree::Ident(cfg), TokenTree::Group(condition)] = tokens.as_slice() else { return false };
    cfg == "cfg" && needs_test(condition.stream())
}

fn needs_test(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Ident(word) => word == "test",
        TokenTree::Group(inner) => at > 0 && is_word(tokens.get(at - 1), "all") && needs_test(inner.stream()),
        _ => false,
    })
}

/// One past the end of the item at `at`: its `;`, or its first block in braces.
fn item_end(tokens: &[TokenTree], at: usize) -> usize {
    let mut is_use = false;
    for (offset, token) in tokens[at..].iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "use" => is_use = true,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return at + offset + 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_use => {
                return at + offset + 1;
            }
            _ => {}
        }
    }
    tokens.len()
}

fn alias(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (is_word(tokens.get(at), "as"), tokens.get(at + 1)) {
        (true, Some(TokenTree::Ident(name))) => Some(plain(&name.to_string())),
        _ => None,
    }
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

/// `r#worker` is `worker`.
fn plain(ident: &str) -> String {
    ident.strip_prefix("r#").unwrap_or(ident).to_owned()
}
