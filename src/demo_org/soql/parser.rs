//! From words to the tree: a recursive-descent reader of SOQL and SOSL.

use super::Mistake;
use super::ast::{Condition, Item, Literal, Name, Operand, Operator, Order, Path, Query, Search, Term};
use super::lexer::{Token, Word, tokens};
use crate::demo_org::schema::SCHEMA;

/// Parentheses inside each other before a query is refused.
const DEEPEST: usize = 60;

/// Words that end a list of names, so that they are no alias.
const RESERVED: [&str; 15] = [
    "FROM", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "USING", "ALL", "AND",
    "OR", "NOT", "UPDATE",
];

/// Reads one SOQL statement.
pub(in crate::demo_org) fn parse(soql: &str) -> Result<Query, Mistake> {
    let mut parser = Parser { tokens: tokens(soql)?, next: 0, depth: 0 };
    let query = parser.query()?;
    parser.end()?;
    Ok(query)
}

/// Reads one SOSL statement: `FIND {words} IN NAME FIELDS RETURNING Account(Id, Name), Contact LIMIT 10`.
pub(in crate::demo_org) fn parse_search(sosl: &str) -> Result<Search, Mistake> {
    let malformed = |at, message: &str| Mistake::new("MALFORMED_SEARCH", at, message);
    let head = sosl.trim_start();
    let at = sosl.len() - head.len();
    if !head.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("FIND")) {
        return Err(malformed(at, "line 1: expecting 'FIND'"));
    }
    let open =
        sosl.find('{').ok_or_else(|| malformed(at + 4, "line 1: expecting a left brace after 'FIND'"))?;
    let close =
        closing_brace(sosl, open).ok_or_else(|| malformed(open, "line 1: the right brace is missing"))?;
    let pattern = search_pattern(&sosl[open + 1..close]);
    if pattern.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        return Err(Mistake::new(
            "INVALID_SEARCH",
            open,
            "search term must be longer than one character: use a longer search term",
        ));
    }
    // Blanks in place of FIND {…} keep the places of what follows.
    let rest = format!("{}{}", " ".repeat(close + 1), &sosl[close + 1..]);
    let mut parser = Parser { tokens: tokens(&rest)?, next: 0, depth: 0 };
    parser.search(pattern)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn query(&mut self) -> Result<Query, Mistake> {
        self.expect("SELECT")?;
        let select = self.list(Self::item)?;
        self.expect("FROM")?;
        let from = self.name()?;
        let alias = self.alias();
        self.tail(select, from, alias)
    }

    /// Everything after the object: in SOSL it follows the fields inside the parentheses.
    fn tail(&mut self, select: Vec<Item>, from: Name, alias: Option<Name>) -> Result<Query, Mistake> {
        let mut using = None;
        if self.take("USING") {
            self.expect("SCOPE")?;
            using = Some(self.name()?);
        }
        let filter = if self.take("WHERE") { Some(self.condition()?) } else { None };
        let (mut group, mut having) = (Vec::new(), None);
        if self.take("GROUP") {
            self.expect("BY")?;
            group = self.list(Self::term)?;
            if self.take("HAVING") {
                having = Some(self.condition()?);
            }
        }
        let mut order = Vec::new();
        if self.take("ORDER") {
            self.expect("BY")?;
            order = self.list(Self::order)?;
        }
        let limit = if self.take("LIMIT") { Some(self.count()?) } else { None };
        let offset = if self.take("OFFSET") { Some(self.count()?) } else { None };
        while self.take("FOR") {
            let _ = self.take("VIEW") || self.take("REFERENCE") || self.take("UPDATE");
        }
        let all_rows = self.take("ALL");
        if all_rows {
            self.expect("ROWS")?;
        }
        Ok(Query { select, from, alias, using, filter, group, having, order, limit, offset, all_rows })
    }

    fn search(&mut self, pattern: String) -> Result<Search, Mistake> {
        let mut scope = "ALL".to_owned();
        if self.take("IN") {
            scope = self.name()?.text.to_ascii_uppercase();
            self.expect("FIELDS")?;
        }
        let returning = if self.take("RETURNING") {
            self.list(Self::returned)?
        } else {
            let searchable = SCHEMA.objects.iter().filter(|object| !object.readonly);
            searchable.map(|object| ids_of(Name { text: object.name.clone(), at: 0 })).collect()
        };
        let limit = if self.take("LIMIT") { Some(self.count()?.0) } else { None };
        self.end()?;
        Ok(Search { returning, find: Condition::Holds { pattern, scope }, limit })
    }

    fn returned(&mut self) -> Result<Query, Mistake> {
        let from = self.name()?;
        if !self.take_sign("(") {
            return Ok(ids_of(from));
        }
        let select = self.list(Self::item)?;
        let query = self.tail(select, from, None)?;
        self.expect_sign(")")?;
        Ok(query)
    }

    fn item(&mut self) -> Result<Item, Mistake> {
        if self.peek_sign("(") {
            return self.deeper(|parser| {
                parser.expect_sign("(")?;
                let query = parser.query()?;
                parser.expect_sign(")")?;
                Ok(Item::Children(Box::new(query)))
            });
        }
        if self.peek_name("TYPEOF") {
            return self.type_of();
        }
        if self.peek_name("FIELDS") && self.sign_follows("(") {
            self.next += 2;
            let which = self.name()?;
            self.expect_sign(")")?;
            return Ok(Item::Fields(which));
        }
        let term = self.term()?;
        Ok(Item::Term { term, alias: self.alias() })
    }

    fn type_of(&mut self) -> Result<Item, Mistake> {
        self.expect("TYPEOF")?;
        let relationship = self.name()?;
        let mut when = Vec::new();
        while self.take("WHEN") {
            let object = self.name()?;
            self.expect("THEN")?;
            when.push((object, self.list(Self::path)?));
        }
        let otherwise = if self.take("ELSE") { self.list(Self::path)? } else { Vec::new() };
        self.expect("END")?;
        Ok(Item::TypeOf { relationship, when, otherwise })
    }

    fn term(&mut self) -> Result<Term, Mistake> {
        if self.sign_follows("(") {
            return self.deeper(|parser| {
                let function = parser.name()?;
                parser.expect_sign("(")?;
                let argument = if parser.peek_sign(")") { None } else { Some(Box::new(parser.term()?)) };
                parser.expect_sign(")")?;
                Ok(Term::Call { function, argument })
            });
        }
        Ok(Term::Field(self.path()?))
    }

    fn path(&mut self) -> Result<Path, Mistake> {
        // `SELECT Id, FROM Account`: the field is missing, it is not called FROM.
        if self.peek_name("FROM") || self.peek_name("WHERE") {
            return Err(self.unexpected());
        }
        let mut names = vec![self.name()?];
        while self.take_sign(".") {
            names.push(self.name()?);
        }
        Ok(Path { names })
    }

    fn order(&mut self) -> Result<Order, Mistake> {
        let term = self.term()?;
        let descending = if self.take("DESC") {
            true
        } else {
            self.take("ASC");
            false
        };
        let mut nulls_last = false;
        if self.take("NULLS") {
            nulls_last = self.take("LAST");
            if !nulls_last {
                self.expect("FIRST")?;
            }
        }
        Ok(Order { term, descending, nulls_last })
    }

    /// AND and OR do not mix without parentheses, as in Salesforce.
    fn condition(&mut self) -> Result<Condition, Mistake> {
        let first = self.single()?;
        if self.peek_name("AND") {
            return self.chain(first, "AND", Condition::All);
        }
        if self.peek_name("OR") {
            return self.chain(first, "OR", Condition::Any);
        }
        Ok(first)
    }

    fn chain(
        &mut self,
        first: Condition,
        word: &str,
        build: fn(Vec<Condition>) -> Condition,
    ) -> Result<Condition, Mistake> {
        let mut all = vec![first];
        while self.take(word) {
            all.push(self.single()?);
        }
        if self.peek_name("AND") || self.peek_name("OR") {
            return Err(self.unexpected());
        }
        Ok(build(all))
    }

    fn single(&mut self) -> Result<Condition, Mistake> {
        self.deeper(|parser| {
            if parser.take("NOT") {
                return Ok(Condition::Not(Box::new(parser.single()?)));
            }
            if parser.take_sign("(") {
                let inner = parser.condition()?;
                parser.expect_sign(")")?;
                return Ok(inner);
            }
            parser.comparison()
        })
    }

    fn comparison(&mut self) -> Result<Condition, Mistake> {
        let term = self.term()?;
        let operator = self.operator()?;
        let operand = match operator {
            Operator::In | Operator::NotIn | Operator::Includes | Operator::Excludes => {
                self.expect_sign("(")?;
                let operand = if self.peek_name("SELECT") {
                    Operand::Query(Box::new(self.deeper(Self::query)?))
                } else {
                    Operand::Many(self.list(Self::literal)?)
                };
                self.expect_sign(")")?;
                operand
            }
            _ => {
                let (literal, at) = self.literal()?;
                Operand::One(literal, at)
            }
        };
        Ok(Condition::Compare { term, operator, operand })
    }

    fn operator(&mut self) -> Result<Operator, Mistake> {
        const SIGNS: [(&str, Operator); 7] = [
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        const WORDS: [(&str, Operator); 4] = [
            ("LIKE", Operator::Like),
            ("IN", Operator::In),
            ("INCLUDES", Operator::Includes),
            ("EXCLUDES", Operator::Excludes),
        ];
        if let Some((_, operator)) = SIGNS.iter().find(|(sign, _)| self.peek_sign(sign)) {
            self.next += 1;
            return Ok(*operator);
        }
        if let Some((_, operator)) = WORDS.iter().find(|(word, _)| self.peek_name(word)) {
            self.next += 1;
            return Ok(*operator);
        }
        if self.take("NOT") {
            self.expect("IN")?;
            return Ok(Operator::NotIn);
        }
        Err(self.unexpected())
    }

    fn literal(&mut self) -> Result<(Literal, usize), Mistake> {
        let Token { kind, at } = self.current().clone();
        let literal = match kind {
            Word::Text { text, pattern } => Literal::Text { text, pattern },
            Word::Number(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Literal::Number(number),
                _ => return Err(self.unexpected()),
            },
            Word::Date(text) => Literal::Date(text),
            Word::Datetime(text) => Literal::Datetime(text),
            Word::Name(text) => match text.to_ascii_uppercase().as_str() {
                "NULL" => Literal::Null,
                "TRUE" => Literal::Boolean(true),
                "FALSE" => Literal::Boolean(false),
                upper => return self.relative(upper.to_owned(), at),
            },
            Word::Sign(_) | Word::End => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok((literal, at))
    }

    /// `TODAY`, `LAST_N_DAYS:30`.
    fn relative(&mut self, word: String, at: usize) -> Result<(Literal, usize), Mistake> {
        if !super::dates::is_literal(&word) {
            return Err(self.unexpected());
        }
        self.next += 1;
        let mut count = None;
        if self.take_sign(":") {
            count = Some(i64::try_from(self.count()?.0).unwrap_or(i64::MAX).min(100_000));
        }
        if super::dates::counts(&word) != count.is_some() {
            return Err(self.unexpected());
        }
        Ok((Literal::Relative(word, count), at))
    }

    fn count(&mut self) -> Result<(u64, usize), Mistake> {
        let Token { kind: Word::Number(text), at } = self.current().clone() else {
            return Err(self.unexpected());
        };
        let number = text.parse().map_err(|_| self.unexpected())?;
        self.next += 1;
        Ok((number, at))
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, Mistake>) -> Result<Vec<T>, Mistake> {
        let mut all = vec![one(self)?];
        while self.take_sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<T, Mistake> {
        if self.depth >= DEEPEST {
            return Err(Mistake::new(
                "QUERY_TOO_COMPLICATED",
                self.current().at,
                "the query is nested too deeply",
            ));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// A name that is no keyword: `FROM Account a`, `COUNT(Id) n`.
    fn alias(&mut self) -> Option<Name> {
        let Word::Name(text) = &self.current().kind else { return None };
        if RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return None;
        }
        self.name().ok()
    }

    fn name(&mut self) -> Result<Name, Mistake> {
        let Token { kind: Word::Name(text), at } = self.current().clone() else {
            return Err(self.unexpected());
        };
        self.next += 1;
        Ok(Name { text, at })
    }

    fn current(&self) -> &Token {
        // The list ends with `End`, and nothing steps over it.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek_name(&self, word: &str) -> bool {
        matches!(&self.current().kind, Word::Name(text) if text.eq_ignore_ascii_case(word))
    }

    fn peek_sign(&self, sign: &str) -> bool {
        matches!(&self.current().kind, Word::Sign(found) if *found == sign)
    }

    fn sign_follows(&self, sign: &str) -> bool {
        matches!(self.current().kind, Word::Name(_))
            && matches!(self.tokens.get(self.next + 1), Some(Token { kind: Word::Sign(found), .. }) if *found == sign)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek_name(word);
        self.next += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.peek_sign(sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), Mistake> {
        if self.take(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), Mistake> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn end(&self) -> Result<(), Mistake> {
        if self.current().kind == Word::End { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Mistake {
        let token = self.current();
        Mistake::malformed(token.at, format!("unexpected token: '{}'", token.kind.shown()))
    }
}

/// The ids of an object, which is what a search gives where it names no fields.
fn ids_of(from: Name) -> Query {
    let id = Path { names: vec![Name { text: "Id".to_owned(), at: from.at }] };
    Query::plain(vec![Item::Term { term: Term::Field(id), alias: None }], from)
}

/// The brace that ends the words of FIND; `\}` does not.
fn closing_brace(sosl: &str, open: usize) -> Option<usize> {
    let bytes = sosl.as_bytes();
    (open + 1..bytes.len()).find(|place| bytes[*place] == b'}' && bytes[place - 1] != b'\\')
}

/// The words of FIND as a LIKE pattern: `*` and `?` are wildcards, a backslash takes their meaning away.
fn search_pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    let mut letters = words.trim().trim_matches('"').chars();
    while let Some(letter) = letters.next() {
        let (letter, plain) =
            if letter == '\\' { (letters.next().unwrap_or('\\'), true) } else { (letter, false) };
        match letter {
            '*' if !plain => pattern.push('%'),
            '?' if !plain => pattern.push('_'),
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            _ => pattern.push(letter),
        }
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_with_everything() {
        let query = parse(
            "SELECT Id, Owner.Name, toLabel(Type) t, (SELECT Id FROM Contacts LIMIT 2) FROM Account a \
             WHERE (Name LIKE 'A%' OR Industry IN ('Banking', 'Energy')) AND NOT CreatedDate = LAST_N_DAYS:30 \
             ORDER BY Name DESC NULLS LAST, Id LIMIT 10 OFFSET 5 FOR VIEW",
        )
        .unwrap();
        assert_eq!((query.select.len(), query.order.len()), (4, 2));
        assert_eq!(query.limit.map(|(limit, _)| limit), Some(10));
        assert!(query.alias.unwrap().is("a") && query.order[0].nulls_last);
    }

    #[test]
    fn mistakes_say_where() {
        for (soql, column) in [
            ("SELECT * FROM Account", 7),
            ("SELECT Id, FROM Account", 11),
            ("SELECT Id FROM Account WHERE Name = \"x\"", 36),
            ("SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3", 45),
            ("SELECT Id FROM Account;", 22),
            ("SELECT Id", 9),
            ("", 0),
        ] {
            assert_eq!(parse(soql).unwrap_err().at, column, "{soql}");
        }
    }

    #[test]
    fn a_search_is_read() {
        let search = parse_search(r"FIND {ac\-me*} IN NAME FIELDS RETURNING Account(Id, Name WHERE Type = null LIMIT 3), Lead LIMIT 9").unwrap();
        assert_eq!((search.returning.len(), search.limit), (2, Some(9)));
        assert_eq!(search.find, Condition::Holds { pattern: "%ac-me%%".into(), scope: "NAME".into() });
        assert_eq!(parse_search("FIND {a}").unwrap_err().code, "INVALID_SEARCH");
    }

    #[test]
    fn depth_is_bounded() {
        let soql = format!("SELECT Id FROM Account WHERE {}a = 1", "(".repeat(100_000));
        assert_eq!(parse(&soql).unwrap_err().code, "QUERY_TOO_COMPLICATED");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse(&text);
            let _ = parse_search(&text);
        }

        #[test]
        fn no_salad_of_words_panics(words in proptest::collection::vec(prop::sample::select(vec![
            "SELECT", "Id", "Name", ",", "FROM", "Account", "WHERE", "(", ")", "=", "LIKE", "'a%'", "IN", "NOT",
            "AND", "OR", "5", "LAST_N_DAYS", ":", "TODAY", "null", "GROUP", "BY", "COUNT", "ORDER", "LIMIT", "FIND",
            "{ab}", "RETURNING", ".", "TYPEOF", "END", "FIELDS",
        ]), 0..30)) {
            let _ = parse(&words.join(" "));
            let _ = parse_search(&words.join(" "));
        }
    }
}
