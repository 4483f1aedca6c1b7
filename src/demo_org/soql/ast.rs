//! The tree of a query. Every name carries the byte at which it stands, for error messages.

/// A name of the query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

impl Name {
    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// `Account.Owner.Name`: relationships, then a field.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) struct Path {
    pub(super) names: Vec<Name>,
}

impl Path {
    pub(super) fn at(&self) -> usize {
        self.names.first().map_or(0, |name| name.at)
    }

    pub(super) fn text(&self) -> String {
        self.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// A field or a function of one.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Term {
    Field(Path),
    /// `COUNT(Id)`, `CALENDAR_YEAR(CreatedDate)`, `toLabel(Status)`.
    Call {
        function: Name,
        argument: Option<Box<Term>>,
    },
}

impl Term {
    pub(super) fn at(&self) -> usize {
        match self {
            Term::Field(path) => path.at(),
            Term::Call { function, .. } => function.at,
        }
    }
}

/// One entry of the SELECT list.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Item {
    Term {
        term: Term,
        alias: Option<Name>,
    },
    /// `FIELDS(ALL)`.
    Fields(Name),
    /// `(SELECT … FROM Contacts)`.
    Children(Box<Query>),
    /// `TYPEOF What WHEN Account THEN Phone ELSE Name END`.
    TypeOf {
        relationship: Name,
        when: Vec<(Name, Vec<Path>)>,
        otherwise: Vec<Path>,
    },
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Literal {
    Null,
    Boolean(bool),
    Text {
        text: String,
        pattern: String,
    },
    Number(f64),
    Date(String),
    Datetime(String),
    /// `TODAY`, `LAST_N_DAYS:30`.
    Relative(String, Option<i64>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo_org) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    In,
    NotIn,
    Includes,
    Excludes,
}

/// What stands right of an operator.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Operand {
    One(Literal, usize),
    Many(Vec<(Literal, usize)>),
    /// A semi-join.
    Query(Box<Query>),
}

/// A condition of WHERE or HAVING.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        term: Term,
        operator: Operator,
        operand: Operand,
    },
    /// Any of the text fields holds the words: the FIND of a search.
    Holds {
        pattern: String,
        scope: String,
    },
}

/// One entry of ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) struct Order {
    pub(super) term: Term,
    pub(super) descending: bool,
    /// `NULLS LAST`; without it nulls come first.
    pub(super) nulls_last: bool,
}

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) struct Query {
    pub(super) select: Vec<Item>,
    pub(super) from: Name,
    pub(super) alias: Option<Name>,
    /// `USING SCOPE mine`
    pub(super) using: Option<Name>,
    pub(super) filter: Option<Condition>,
    pub(super) group: Vec<Term>,
    pub(super) having: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<(u64, usize)>,
    pub(super) offset: Option<(u64, usize)>,
    /// Deleted records too.
    pub(super) all_rows: bool,
}

impl Query {
    /// Fields of an object and nothing else.
    pub(super) fn plain(select: Vec<Item>, from: Name) -> Self {
        Self {
            select,
            from,
            alias: None,
            using: None,
            filter: None,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            all_rows: false,
        }
    }
}

/// A SOSL search: one query an object.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) struct Search {
    /// Without RETURNING all objects are searched for ids.
    pub(in crate::demo_org) returning: Vec<Query>,
    /// The condition that FIND makes.
    pub(in crate::demo_org) find: Condition,
    pub(in crate::demo_org) limit: Option<u64>,
}
