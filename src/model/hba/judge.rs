//! The checks of `parse_hba_line` in hba.c, in its order, for all majors at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::expand::{self, Expanded, Field, Fields, Resolve};
use super::options::Options;
use super::{
    Address, AddressKind, ClientCert, DbItem, DbKind, HbaContext, HbaFile, HbaRow, REGEX_MAJORS, Reason, Refusal,
    UserItem, UserKind,
};
use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method};
use crate::source::Span;
use crate::syntax::address::{self, Numeric};
use crate::syntax::auth_file::{AuthFile, INCLUDE_MAJORS, IncludeKind, Line, Token};
use crate::syntax::{pg_regex, template};

/// Nothing is left to judge: every major refused the line.
#[derive(Debug)]
pub(crate) struct Refused;

pub(super) fn read<'a>(
    file: &'a AuthFile<'a>,
    target: Majors,
    depth: usize,
    context: &HbaContext<'_>,
    resolve: Resolve<'_, 'a>,
) -> HbaFile {
    let mut out = HbaFile { empty: target, ..HbaFile::default() };
    let mut marks = Template::new(file);
    let (mut lists, mut items) = (expand::Lists::new(depth), Items::default());
    for line in file.lines() {
        match marks.line(file, line) {
            Text::Blank => continue,
            Text::Dynamic => {
                out.undecided.push(line.span);
                continue;
            }
            Text::Fixed => {}
        }
        let mut majors = target;
        if let Some(include) = file.include(line) {
            out.empty = out.empty - INCLUDE_MAJORS;
            let on = majors & INCLUDE_MAJORS;
            if include.kind == IncludeKind::IncludeDir && include.is_blank() && !on.is_empty() {
                let reason = Reason::EmptyIncludeDir;
                out.refusals.push(Refusal { majors: on, span: include.span, line: line.span, reason });
            }
            majors = majors - INCLUDE_MAJORS;
        }
        for (majors, expanded) in expand::line(file, line, majors, resolve, &mut lists) {
            match expanded {
                Expanded::Fields(fields) if fields.is_empty() => {}
                Expanded::Fields(fields) => {
                    out.empty = out.empty - majors;
                    let mut judge = Judge::new(file, line.span, majors, &mut out.refusals);
                    out.rows.extend(judge.row(&fields, context, &mut items).ok());
                }
                Expanded::Refused(span, reason) => {
                    out.empty = out.empty - majors;
                    Judge::new(file, line.span, majors, &mut out.refusals).fail(span, || reason);
                }
                Expanded::Unknown => out.undecided.push(line.span),
            }
        }
    }
    out
}

/// What a line is to a template engine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// No entry.
    Blank,
    /// An entry that will be filled in, or is part of a tag.
    Dynamic,
    /// An entry as the server will see it.
    Fixed,
}

/// Follows template tags over the lines of a file.
#[derive(Debug)]
pub(crate) struct Template {
    /// Whether a mark can stand in the file at all.
    possible: bool,
    open: Option<&'static [u8]>,
}

impl Template {
    pub(crate) fn new(file: &AuthFile<'_>) -> Self {
        let bytes = file.bytes();
        let possible =
            memchr::memchr3(b'{', b'<', b'$', bytes).is_some() || memchr::memchr2(b'@', b'%', bytes).is_some();
        Self { possible, open: None }
    }

    pub(crate) fn line(&mut self, file: &AuthFile<'_>, line: &Line) -> Text {
        if let Some(close) = self.open {
            let all = file.bytes().get(line.span.range()).unwrap_or_default();
            if let Some(end) = template::find(all, close) {
                self.open = template::left_open(all.get(end + close.len()..).unwrap_or_default());
            }
            return Text::Dynamic;
        }
        if line.is_blank() {
            return Text::Blank;
        }
        if !self.possible {
            return Text::Fixed;
        }
        let content = file.content(line);
        let all = file.bytes().get(line.span.range()).unwrap_or_default();
        if template::is_dynamic(content) || template::is_control_line(all) {
            self.open = template::left_open(all);
            return Text::Dynamic;
        }
        Text::Fixed
    }
}

/// The items of lists, by the list's address and the majors that they were judged for.
#[derive(Debug, Default)]
struct Items {
    databases: HashMap<(usize, Majors), Arc<[DbItem]>>,
    users: HashMap<(usize, Majors), Arc<[UserItem]>>,
}

/// Judges one line.
#[derive(Debug)]
pub(crate) struct Judge<'j> {
    pub(crate) file: &'j AuthFile<'j>,
    pub(crate) line: Span,
    /// The majors that have not refused the line yet.
    pub(crate) remaining: Majors,
    pub(crate) refusals: &'j mut Vec<Refusal>,
}

/// The tokens of one field.
type FieldTokens<'a> = [&'a Token<'a>];

impl<'j> Judge<'j> {
    pub(crate) fn new(file: &'j AuthFile<'j>, line: Span, majors: Majors, refusals: &'j mut Vec<Refusal>) -> Self {
        Self { file, line, remaining: majors, refusals }
    }

    /// Refuses the line on those of the majors that have not refused it before; an error once none is left.
    pub(crate) fn refuse(
        &mut self,
        majors: Majors,
        span: Span,
        reason: impl FnOnce() -> Reason,
    ) -> Result<(), Refused> {
        let majors = majors & self.remaining;
        if !majors.is_empty() {
            self.refusals.push(Refusal { majors, span, line: self.line, reason: reason() });
            self.remaining = self.remaining - majors;
        }
        if self.remaining.is_empty() { Err(Refused) } else { Ok(()) }
    }

    /// Refuses the line on every major.
    pub(crate) fn fail(&mut self, span: Span, reason: impl FnOnce() -> Reason) -> Refused {
        let _ = self.refuse(Majors::ALL, span, reason);
        Refused
    }

    fn row(&mut self, fields: &Fields<'_>, context: &HbaContext<'_>, items: &mut Items) -> Result<HbaRow, Refused> {
        let mut all = fields.iter();
        let own = |token: &&&Token<'_>| token.span.file == self.file.file();
        let tokens = fields.iter().filter(|field| !field.shared).flat_map(|field| field.tokens.iter());
        let mut tokens = tokens.filter(own);
        let span = tokens.next().map_or(self.line, |first| tokens.fold(first.span, |span, token| span.to(token.span)));
        let end = Span { start: span.end, ..span };

        let (conn_type, conn_type_span) = self.conn_type(all.next().map(|field| &*field.tokens).unwrap_or_default())?;
        let Some(field) = all.next() else { return Err(self.fail(end, || Reason::NoDatabase)) };
        let databases = self.items(field, &mut items.databases, Self::database)?;
        let Some(field) = all.next() else { return Err(self.fail(end, || Reason::NoUser)) };
        let users = self.items(field, &mut items.users, Self::user)?;
        let mut rest = all.map(|field| &*field.tokens);
        let address = match conn_type {
            ConnType::Local => None,
            _ => Some(self.address(&mut rest, end)?),
        };
        let Some(field) = rest.next() else { return Err(self.fail(end, || Reason::NoMethod)) };
        let (method_written, method_span) = self.method(field, context)?;
        let method = self.method_on(conn_type, method_written, method_span)?;

        let mut options = Options::default();
        for token in rest.flatten() {
            options.add(self, token, conn_type, method)?;
        }
        options.finish(self, method, method_span, context)?;
        let client_cert = options.client_cert(method);
        let majors = self.remaining;
        let client_cert = client_cert
            .into_iter()
            .map(|(on, cert)| (on & majors, cert))
            .filter(|(on, cert)| !on.is_empty() && *cert != ClientCert::Off)
            .collect();
        Ok(HbaRow {
            span,
            line: self.line,
            majors,
            conn_type,
            conn_type_span,
            databases,
            users,
            address,
            method,
            method_written,
            method_span,
            options: options.list,
            client_cert,
        })
    }

    /// The items of a field. Those of a list are made once for all rows that name it, unless a major refuses one.
    fn items<Item>(
        &mut self,
        field: &Field<'_>,
        known: &mut HashMap<(usize, Majors), Arc<[Item]>>,
        item: fn(&mut Self, &Token<'_>) -> Result<Item, Refused>,
    ) -> Result<Arc<[Item]>, Refused> {
        // The list outlives the judging of the file, so that its address is its own.
        let key = (field.tokens.as_ptr().addr(), self.remaining);
        if let Some(items) = known.get(&key).filter(|_| field.shared) {
            return Ok(items.clone());
        }
        let items = field.tokens.iter().map(|token| item(self, token)).collect::<Result<Arc<[_]>, _>>()?;
        if field.shared && key.1 == self.remaining {
            known.insert(key, items.clone());
        }
        Ok(items)
    }

    fn conn_type(&mut self, field: &FieldTokens<'_>) -> Result<(ConnType, Span), Refused> {
        let [token] = field else { return Err(self.fail(span_of(field, self.line), || Reason::ConnTypes)) };
        let reason = || Reason::ConnType { word: token.lossy().into_owned() };
        match ConnType::named(&token.text) {
            Some(kind) => {
                self.refuse(Majors::ALL - kind.majors(), token.span, reason)?;
                Ok((kind, token.span))
            }
            None => Err(self.fail(token.span, reason)),
        }
    }

    fn database(&mut self, token: &Token<'_>) -> Result<DbItem, Refused> {
        let keyword = match &*token.text {
            _ if token.quoted => None,
            b"all" => Some(DbKind::All),
            b"sameuser" => Some(DbKind::SameUser),
            b"samerole" | b"samegroup" => Some(DbKind::SameRole),
            b"replication" => Some(DbKind::Replication),
            _ => None,
        };
        let kind = match (keyword, self.regex(token)?) {
            (Some(kind), _) => kind,
            (None, Some(pattern)) => DbKind::Regex(pattern),
            (None, None) => DbKind::Name(token.lossy().into_owned()),
        };
        Ok(DbItem { span: token.span, kind })
    }

    fn user(&mut self, token: &Token<'_>) -> Result<UserItem, Refused> {
        let kind = match (&*token.text, self.regex(token)?) {
            (_, Some(pattern)) => UserKind::Regex(pattern),
            (b"all", _) if !token.quoted => UserKind::All,
            ([b'+', role @ ..], _) if !token.quoted => UserKind::Member(String::from_utf8_lossy(role).into_owned()),
            _ => UserKind::Name(token.lossy().into_owned()),
        };
        Ok(UserItem { span: token.span, kind })
    }

    /// The expression of a token that starts with a slash, quoted or not.
    fn regex(&mut self, token: &Token<'_>) -> Result<Option<String>, Refused> {
        let [b'/', pattern @ ..] = &*token.text else { return Ok(None) };
        let shown = String::from_utf8_lossy(pattern).into_owned();
        if !(self.remaining & REGEX_MAJORS).is_empty() {
            for (majors, fault) in pg_regex::check(pattern).faults {
                let reason = || Reason::Regex { pattern: shown.clone(), fault };
                self.refuse(majors & REGEX_MAJORS, token.span, reason)?;
            }
        }
        Ok(Some(shown))
    }

    fn address<'f>(
        &mut self,
        rest: &mut (impl Iterator<Item = &'f FieldTokens<'f>> + Clone),
        end: Span,
    ) -> Result<Address, Refused> {
        let Some(field) = rest.next() else { return Err(self.fail(end, || Reason::NoAddress)) };
        let [token] = field else { return Err(self.fail(span_of(field, self.line), || Reason::Addresses)) };
        let span = token.span;
        let keyword =
            [("all", AddressKind::All), ("samehost", AddressKind::SameHost), ("samenet", AddressKind::SameNet)];
        for (word, kind) in keyword {
            if token.is_keyword(word) {
                return Ok(Address { span, kind });
            }
        }
        let shown = || token.lossy().into_owned();
        let slash = memchr::memchr(b'/', &token.text);
        let host = slash.and_then(|at| token.text.get(..at)).unwrap_or(&token.text);
        let bits = slash.and_then(|at| token.text.get(at + 1..));
        let ip = match address::numeric(host) {
            Numeric::Ip(ip) => ip,
            // Whether the machine has the interface is not known: what reads as an address is taken for one.
            Numeric::Zoned(ip) if bits.is_some() || next_is_numeric(rest) => IpAddr::V6(ip),
            _ if bits.is_some() => return Err(self.fail(span, || Reason::NameWithMask { address: shown() })),
            _ => return Ok(Address { span, kind: AddressKind::HostName(shown()) }),
        };
        let Some(bits) = bits else { return self.masked(ip, token, rest, end) };
        let Some(prefix) = address::prefix_length(bits, if ip.is_ipv4() { 32 } else { 128 }) else {
            return Err(self.fail(span, || Reason::MaskBits { address: shown() }));
        };
        let mask = address::mask(ip, prefix);
        Ok(Address { span, kind: AddressKind::Net { ip, mask, prefix: Some(prefix), mask_span: None } })
    }

    /// An address whose mask is the next field.
    fn masked<'f>(
        &mut self,
        ip: IpAddr,
        token: &Token<'_>,
        rest: &mut impl Iterator<Item = &'f FieldTokens<'f>>,
        end: Span,
    ) -> Result<Address, Refused> {
        let shown = || token.lossy().into_owned();
        let Some(field) = rest.next() else { return Err(self.fail(end, || Reason::NoMask { address: shown() })) };
        let [word] = field else { return Err(self.fail(span_of(field, self.line), || Reason::Masks)) };
        let mask = match address::numeric(&word.text) {
            Numeric::Ip(mask) => mask,
            Numeric::Zoned(mask) => IpAddr::V6(mask),
            Numeric::Name => {
                let reason = || Reason::Mask { address: shown(), word: word.lossy().into_owned() };
                return Err(self.fail(word.span, reason));
            }
        };
        if ip.is_ipv4() != mask.is_ipv4() {
            let reason = || Reason::MaskFamily { address: shown(), mask: word.lossy().into_owned() };
            return Err(self.fail(word.span, reason));
        }
        let span = if token.span.file == word.span.file { token.span.to(word.span) } else { token.span };
        let prefix = address::mask_length(mask);
        Ok(Address { span, kind: AddressKind::Net { ip, mask, prefix, mask_span: Some(word.span) } })
    }

    fn method(&mut self, field: &FieldTokens<'_>, context: &HbaContext<'_>) -> Result<(Method, Span), Refused> {
        let [token] = field else { return Err(self.fail(span_of(field, self.line), || Reason::Methods)) };
        let reason = || Reason::Method { word: token.lossy().into_owned() };
        let Some(method) = Method::named(&token.text) else { return Err(self.fail(token.span, reason)) };
        self.refuse(Majors::ALL - method.majors(), token.span, reason)?;
        if method == Method::Md5 && context.db_user_namespace == Some(true) {
            self.refuse(Majors::until(16), token.span, || Reason::Md5WithNamespace)?;
        }
        Ok((method, token.span))
    }

    /// The method that applies on the connection type.
    fn method_on(&mut self, conn_type: ConnType, method: Method, span: Span) -> Result<Method, Refused> {
        let local = conn_type == ConnType::Local;
        match method {
            Method::Ident if local => Ok(Method::Peer),
            Method::Gss if local => Err(self.fail(span, || Reason::GssLocal)),
            Method::Peer if !local => Err(self.fail(span, || Reason::PeerRemote)),
            Method::Cert if conn_type != ConnType::HostSsl => Err(self.fail(span, || Reason::CertWithoutTls)),
            method => Ok(method),
        }
    }
}

fn next_is_numeric<'f>(rest: &(impl Iterator<Item = &'f FieldTokens<'f>> + Clone)) -> bool {
    matches!(rest.clone().next(), Some([word]) if address::numeric(&word.text) != Numeric::Name)
}

/// From the first token of a field to the last, as far as they lie in the line's own file.
pub(crate) fn span_of(field: &FieldTokens<'_>, line: Span) -> Span {
    let mut own = field.iter().map(|token| token.span).filter(|span| line.contains(*span));
    own.next().map_or(line, |first| own.fold(first, Span::to))
}
