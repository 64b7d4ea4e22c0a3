//! SQL scripts (migrations, psql scripts, pg_dump's output) into the statements that matter to access and replication.
//!
//! A script is cut as psql cuts it, statements of no interest are passed over by their first words, the others are
//! judged by the server's own grammar and kept as tokens with exact places. Bodies of DO blocks and functions and
//! the strings that they execute are looked into. What a statement means is read in `model::sql`; nothing here
//! resolves names or knows other files.
//!
//! Statements that say nothing of access or replication but name system relations, functions or settings are kept too,
//! if the grammar takes them; if not, nothing is said of them.

mod body;
mod cursor;
mod foreign;
mod grammar;
pub(crate) mod lex;
mod mask;
mod migration;
pub(crate) mod split;
mod string;
mod transaction;
mod version;
mod words;

pub(crate) use cursor::Cursor;
pub use cursor::{Name, Text};
pub(crate) use grammar::tree;
pub(crate) use lex::{Kind, Token};
pub(crate) use mask::Source;
pub(crate) use migration::in_one_message;
pub(crate) use string::Guess;
pub(crate) use version::of_path as versions_of_path;
pub use words::Words;
pub(crate) use words::{Subject, scanner};

use split::{End, Part, Piece, Splitter};

use std::ops::Range;

use crate::source::{FileId, Span};
use crate::syntax::literal::Literal;

/// What is to be read beside the statements that are always of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wants {
    /// CREATE TABLE, CREATE UNIQUE INDEX and the keys that ALTER TABLE adds: of use only where there are
    /// publications or policies.
    pub tables: bool,
}

/// Whether a statement runs in a transaction block or in something that is inside one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTransaction {
    /// On its own.
    No,
    /// After the BEGIN at this place.
    Block(Span),
    /// In the DO statement at this place.
    DoBlock(Span),
    /// In the function or procedure whose CREATE stands here.
    Function(Span),
    /// In what a migration tool runs in one transaction, for the reason that stands here.
    Migration(Span),
}

/// Why a statement was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The grammar does not take it.
    Grammar,
    /// It is nested too deep to be parsed safely, or the parser gives up on it.
    TooDeep,
    /// It is too long to be parsed.
    TooLong,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where the parser stops.
    pub span: Span,
    /// What the server says, as grammar of major 18.
    pub message: String,
    /// Why.
    pub kind: ErrorKind,
    /// Whether the statement surely is meant for PostgreSQL and is complete as it stands.
    pub certain: bool,
}

/// A statement that the grammar took, or one that cannot be judged because of its holes.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) subject: Subject,
    /// Its text without the `;`, made fit for the parser.
    pub(crate) code: Literal,
    pub(crate) tokens: Vec<Token>,
    /// Its place, with the `;`.
    pub(crate) span: Span,
    pub(crate) transaction: InTransaction,
    /// How its placeholders are read: a host language may fill in a script, not a body.
    pub(crate) guess: Guess,
    /// Whether it may say something of access or replication.
    pub(crate) meaning: bool,
    /// Set if it may name something of the system catalogue.
    pub(crate) catalog: Option<Conditions>,
}

/// When a statement runs, as far as the script says so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// Whether it runs only if something else holds, such as a version of the server.
    pub(crate) guarded: bool,
    /// The majors that comments before or in it name; 9 stands for every release before 10.
    pub(crate) versions: Vec<u8>,
}

impl Statement {
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.code, &self.tokens, self.guess)
    }
}

/// What a script holds.
#[derive(Debug, Default)]
pub struct Script {
    pub(crate) statements: Vec<Statement>,
    /// The statements that could not be read, in order.
    pub errors: Vec<SyntaxError>,
    /// Whether something stands in it that only PostgreSQL has.
    pub evidence: bool,
    /// Words and strings of statements that could not be read and may hold a password.
    pub exposed: Vec<Span>,
}

/// The words of interest that stand in a text, wherever they stand.
#[must_use]
pub fn words(text: &[u8]) -> Words {
    words::of(text)
}

/// The names in a piece of SQL, as the server folds them: words outside of strings and comments, and quoted names.
#[must_use]
pub(crate) fn words_in(text: &[u8]) -> std::collections::HashSet<String> {
    let fold = |token: &Token| match token.kind {
        Kind::Word => Some(String::from_utf8_lossy(token.of(text)).to_ascii_lowercase()),
        Kind::Quoted => {
            let bytes = token.of(text);
            let inside = bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default();
            Some(String::from_utf8_lossy(inside).replace("\"\"", "\""))
        }
        _ => None,
    };
    grammar::tokens(text).iter().filter_map(fold).collect()
}

/// Whether a text is more than one statement: sent as one message, they are run in one transaction
/// (protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT), which not even a `COMMIT` among them ends for what cannot run in
/// one.
#[must_use]
pub(crate) fn is_several(text: &[u8]) -> bool {
    let statements = Splitter::new(text, lex::Dialect::Psql).filter(|piece| matches!(piece.part, Part::Statement(_)));
    statements.take(2).count() > 1
}

/// The comments of a script and the places of its statements, of interest or not.
#[must_use]
pub fn comments(file: FileId, text: &[u8]) -> (Vec<Span>, Vec<Span>) {
    let (mut comments, mut statements) = (Vec::new(), Vec::new());
    for piece in Splitter::new(text, lex::Dialect::Psql) {
        match piece.part {
            Part::Meta | Part::CopyData => continue,
            Part::Statement(_) => statements.push(Span::new(file, piece.start, piece.end)),
            Part::Gap => {}
        }
        let mut at = piece.start;
        while at < piece.end {
            let token = lex::next(text, at, lex::Dialect::Psql);
            if token.kind == Kind::Comment {
                comments.push(Span::new(file, token.start, token.end));
            }
            at = token.end.max(at + 1);
        }
    }
    (comments, statements)
}

/// The part of a script whose comments belong to the statement at its end: what stands on the line on which the
/// statement before it ends does not.
fn comments_of(text: &[u8], around: Range<usize>) -> &[u8] {
    let all = text.get(around.clone()).unwrap_or_default();
    let line = memchr::memchr(b'\n', all).filter(|_| around.start > 0).unwrap_or_default();
    let rest = all.get(line..).unwrap_or_default();
    if all.get(..line).is_some_and(|first| first.trim_ascii_start().starts_with(b"--")) { rest } else { all }
}

/// The comment that follows the end of a statement on its line.
fn comment_after(text: &[u8], end: usize) -> &[u8] {
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest.get(rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()..).unwrap_or_default();
    match rest.starts_with(b"--") {
        true => rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default(),
        false => &[],
    }
}

/// Reads a file. `migration` is what runs it in a transaction, if something does. Never fails.
#[must_use]
pub fn read(file: FileId, text: &[u8], wants: Wants, migration: Option<Span>) -> Script {
    if !wants.tables && !words::any(text) {
        return Script::default();
    }
    Reader::new(wants).run(&Source::file(file, text), migration)
}

/// Whether nothing is said of a statement that the grammar does not take: other engines have the like.
fn is_quiet(subject: Subject) -> bool {
    matches!(
        subject,
        Subject::CreateDatabase
            | Subject::CreateView
            | Subject::CreateForeignTable
            | Subject::Copy
            | Subject::AlterOther
    )
}

/// How deep strings that are executed are followed: body, string in a body.
const LEVELS: usize = 2;

struct Reader {
    wants: Wants,
    script: Script,
    /// Whether something was seen that only PostgreSQL has.
    evidence: bool,
    /// Errors that count only if there is such evidence, as indices.
    doubtful: Vec<usize>,
    /// What holds for the statements of the piece that is read.
    conditions: Conditions,
}

/// A statement's place within its source, and what is known of it.
#[derive(Debug, Clone, Copy)]
struct Found {
    subject: Subject,
    start: usize,
    code_end: usize,
    end: usize,
    depth: usize,
    /// Whether the grammar is to be asked: not for the statements of PL/pgSQL, which are no SQL.
    judged: bool,
    /// Whether a word in it may name something of the system catalogue.
    catalog: bool,
}

impl Found {
    fn new(subject: Subject, piece: &Piece) -> Self {
        let &Piece { start, code_end, end, depth, catalog, .. } = piece;
        Self { subject, start, code_end, end, depth, judged: true, catalog }
    }
}

impl Reader {
    fn new(wants: Wants) -> Self {
        Self {
            wants,
            script: Script::default(),
            evidence: false,
            doubtful: Vec::new(),
            conditions: Conditions::default(),
        }
    }

    fn run(mut self, source: &Source<'_>, migration: Option<Span>) -> Script {
        let mut transaction = transaction::State::within(migration);
        let mut before = 0;
        let mut sections = migration::sections(source.span(0, 0).file, source.text()).into_iter().peekable();
        for piece in Splitter::new(source.text(), source.dialect) {
            while let Some(section) = sections.next_if(|section| section.start < piece.end) {
                transaction = transaction::State::within(section.within.or(migration));
            }
            match piece.part {
                Part::Gap => {}
                Part::CopyData => {
                    self.evidence = true;
                    before = piece.end;
                }
                Part::Meta => {
                    self.evidence = true;
                    before = piece.end;
                    let line = source.text().get(piece.start..piece.end).unwrap_or_default();
                    transaction.meta(split::meta_name(line));
                }
                Part::Statement(end) => {
                    let around = std::mem::replace(&mut before, piece.end)..piece.end;
                    let Some(subject) = words::subject(source.text(), &piece.head) else { continue };
                    if subject == Subject::Transaction {
                        let code = source.text().get(piece.start..piece.code_end).unwrap_or_default();
                        transaction.statement(code, source.span(piece.start, piece.end));
                        continue;
                    }
                    let found = Found::new(subject, &piece);
                    self.conditions = Conditions { guarded: transaction.is_conditional(), versions: Vec::new() };
                    if self.names(found, source.text().get(piece.start..piece.code_end).unwrap_or_default()) {
                        self.conditions.versions = version::of_comments(comments_of(source.text(), around));
                        self.conditions.versions.extend(version::of_comments(comment_after(source.text(), piece.end)));
                    }
                    self.statement(source, found, end, transaction.now(), LEVELS);
                }
            }
        }
        for index in self.doubtful {
            if let Some(error) = self.script.errors.get_mut(index) {
                error.certain = self.evidence;
            }
        }
        self.script.evidence = self.evidence;
        self.script
    }

    /// Whether a statement may name something of the system catalogue.
    fn names(&self, found: Found, text: &[u8]) -> bool {
        let within = matches!(found.subject, Subject::CreateFunction | Subject::Do | Subject::Execute);
        found.catalog || found.subject == Subject::Show || within && words::of(text).intersects(Words::CATALOG)
    }

    /// Whether a body can hold a statement of interest: a word that matters, or a key where tables are wanted.
    fn matters(&self, text: &[u8]) -> bool {
        let key = b"primary";
        words::of(text).intersects(Words::MEANING)
            || self.wants.tables && text.windows(key.len()).any(|window| window.eq_ignore_ascii_case(key))
    }

    /// Whether a statement can hold anything of interest, told without parsing it.
    fn concerns(&self, subject: Subject, text: &[u8], end: End) -> bool {
        let has = |wanted: Words| words::of(text).intersects(wanted);
        match subject {
            Subject::Query => end == End::Executed || has(Words::SLOT.or(Words::REPLICA_ROLE).or(Words::FILE)),
            // RESET ALL and nothing else is as short.
            Subject::Set => has(Words::REPLICA_ROLE) || text.len() < 16 && text.to_ascii_lowercase().ends_with(b"all"),
            // A body may hold any statement of interest; only text with none of the words is surely dull.
            Subject::CreateFunction => self.matters(text) || has(Words::LANGUAGE),
            Subject::Do => self.matters(text),
            Subject::AlterFunction => has(Words::SECURITY) || memchr::memmem::find(text, b"(").is_some(),
            Subject::CreateTable | Subject::CreateIndex | Subject::CreateView | Subject::CreateForeignTable => {
                self.wants.tables
            }
            Subject::AlterTable => has(Words::SECURITY.or(Words::IDENTITY).or(Words::OWNER)) || self.wants.tables,
            Subject::AlterOther => has(Words::OWNER),
            // What is copied over the connection is the client's.
            Subject::Copy => {
                let client = ["stdin", "stdout"].map(str::as_bytes);
                let is = |word: &[u8]| text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
                text.len() < 10_000 && !client.iter().any(|word| is(word))
            }
            Subject::Execute | Subject::Transaction | Subject::Show | Subject::Holder => false,
            _ => true,
        }
    }

    fn statement(&mut self, source: &Source<'_>, found: Found, end: End, transaction: InTransaction, levels: usize) {
        let text = source.text().get(found.start..found.code_end).unwrap_or_default();
        let meaning = self.concerns(found.subject, text, end);
        let catalog = self.names(found, text);
        if !meaning && !catalog {
            return;
        }
        let span = source.span(found.start, found.end);
        let quiet = is_quiet(found.subject);
        for (kind, message, refused) in [
            (ErrorKind::TooDeep, "nested too deep to be checked", found.depth > grammar::DEEPEST),
            (ErrorKind::TooLong, "too long to be checked", text.len() > grammar::LONGEST),
        ] {
            if refused && (!meaning || quiet) {
                return;
            }
            if refused {
                self.unread(span, kind, message);
                return;
            }
        }
        let code = source.code(found.start, found.code_end);
        let tokens = grammar::tokens(code.text());
        let guess = if source.dialect == lex::Dialect::Psql { Guess::Placeholders } else { Guess::Never };
        let catalog = catalog.then(|| self.conditions.clone());
        let statement = Statement { subject: found.subject, code, tokens, span, transaction, guess, meaning, catalog };
        let taken = !found.judged
            || if meaning && !quiet { self.judge(&statement) } else { grammar::check(statement.code.text()).is_ok() };
        if !taken {
            return;
        }
        if levels > 0 {
            self.inside(&statement, end, levels);
        }
        self.script.statements.push(statement);
    }

    /// Notes a statement that is not looked at, which is no fault of its own.
    fn unread(&mut self, span: Span, kind: ErrorKind, message: &str) {
        self.script.errors.push(SyntaxError { span, message: message.to_owned(), kind, certain: true });
    }

    /// Asks the grammar; `false` if the statement is to be left out.
    fn judge(&mut self, statement: &Statement) -> bool {
        let fault = match grammar::check(statement.code.text()) {
            Ok(()) => {
                self.evidence |= foreign::is_evidence(statement);
                return true;
            }
            Err(grammar::Refused::TooComplex) => {
                self.expose(statement);
                self.unread(statement.span, ErrorKind::TooDeep, "too complex to be checked");
                return false;
            }
            Err(grammar::Refused::Fault(fault)) => fault,
        };
        let verdict = foreign::verdict(statement, fault.at.start);
        if verdict == foreign::Verdict::Foreign {
            return false;
        }
        self.expose(statement);
        self.evidence |= verdict == foreign::Verdict::Ours;
        let span = statement.code.span(fault.at.start, fault.at.end);
        let dynamic = statement.code.is_dynamic() || statement.guess == Guess::Never;
        if verdict == foreign::Verdict::Doubtful && !dynamic {
            self.doubtful.push(self.script.errors.len());
        }
        self.script.errors.push(SyntaxError {
            span,
            message: fault.message,
            kind: ErrorKind::Grammar,
            certain: verdict == foreign::Verdict::Ours && !dynamic,
        });
        // What has holes may well be right once they are filled: read what can be read.
        dynamic
    }

    /// Notes what may be a password in a statement that is wrong: any string, and whatever follows the word.
    fn expose(&mut self, statement: &Statement) {
        let passwords = matches!(
            statement.subject,
            Subject::CreateRole
                | Subject::AlterRole
                | Subject::UserMapping
                | Subject::CreateServer
                | Subject::AlterServer
                | Subject::CreateSubscription
                | Subject::AlterSubscription
        );
        let text = statement.code.text();
        let mut follows = false;
        for token in statement.tokens.iter().filter(|_| passwords) {
            let null = token.of(text).eq_ignore_ascii_case(b"null");
            if token.kind.is_text()
                || follows && !null && matches!(token.kind, Kind::Word | Kind::Number | Kind::Quoted)
            {
                self.script.exposed.push(statement.code.span(token.start, token.end));
            }
            follows = token.kind == Kind::Word && token.of(text).eq_ignore_ascii_case(b"password");
        }
    }

    /// Looks into bodies and into queries whose result is executed.
    fn inside(&mut self, statement: &Statement, end: End, levels: usize) {
        let outer = self.conditions.clone();
        self.conditions.guarded |= statement.catalog.is_some() && version::is_guarded(statement.code.text());
        match statement.subject {
            Subject::Do => {
                if let Some(body) = body::of_do(statement) {
                    self.body(&body, InTransaction::DoBlock(statement.span), levels - 1);
                }
            }
            Subject::CreateFunction => {
                if let Some(body) = body::of_function(statement) {
                    self.body(&body, InTransaction::Function(statement.span), levels - 1);
                }
            }
            Subject::Query if end == End::Executed => {
                for code in body::executed_columns(statement) {
                    self.executed(&code, statement.transaction, levels - 1);
                }
            }
            _ => {}
        }
        self.conditions = outer;
    }

    fn body(&mut self, body: &body::Body, transaction: InTransaction, levels: usize) {
        let text = body.text.text();
        if !self.matters(text) && !words::of(text).intersects(Words::CATALOG) {
            return;
        }
        let source = Source::decoded(&body.text, lex::Dialect::Server);
        for found in body::statements(&source, body.language) {
            if found.subject == Subject::Execute {
                let code = source.code(found.start, found.code_end);
                if let Some(literal) = body::executed(&code).filter(|_| levels > 0) {
                    self.executed(&literal, transaction, levels - 1);
                }
            } else {
                self.statement(&source, found, End::Semicolon, transaction, levels);
            }
        }
    }

    /// Reads a string that is run as statements.
    fn executed(&mut self, code: &Literal, transaction: InTransaction, levels: usize) {
        let source = Source::decoded(code, lex::Dialect::Server);
        for piece in Splitter::new(source.text(), source.dialect) {
            let Part::Statement(end) = piece.part else { continue };
            let Some(subject) = words::subject(source.text(), &piece.head) else { continue };
            let found = Found::new(subject, &piece);
            self.statement(&source, found, end, transaction, levels);
        }
    }
}
