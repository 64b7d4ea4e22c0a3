//! Programs by their names, and those that start other programs: `sudo`, `su -c`, `ssh`, `sh -c`.

use super::argument::{Argument, Options, Takes};
use super::run::Environment;
use super::{Literal, Reader};
use crate::extract::{Writer, content, role};

/// Programs that start what follows their options, with the options that take a value and the number of operands
/// before the program.
const STARTERS: &[(&str, Takes, usize)] = &[
    (
        "sudo",
        Takes {
            letters: "CDghpRrTtUu",
            names: &["user", "group", "host", "prompt", "chdir", "chroot", "role", "type", "other-user", "close-from"],
        },
        0,
    ),
    ("doas", Takes { letters: "Cu", names: &[] }, 0),
    ("env", Takes { letters: "uC", names: &["unset", "chdir"] }, 0),
    ("gosu", Takes { letters: "", names: &[] }, 1),
    ("su-exec", Takes { letters: "", names: &[] }, 1),
    ("setpriv", Takes { letters: "", names: &["reuid", "regid", "groups"] }, 0),
    ("chpst", Takes { letters: "uUeldmopfcrtn", names: &[] }, 0),
    ("exec", Takes { letters: "a", names: &[] }, 0),
    ("command", Takes { letters: "", names: &[] }, 0),
    ("builtin", Takes { letters: "", names: &[] }, 0),
    ("time", Takes { letters: "fo", names: &["format", "output"] }, 0),
    ("nohup", Takes { letters: "", names: &[] }, 0),
    ("nice", Takes { letters: "n", names: &["adjustment"] }, 0),
    ("ionice", Takes { letters: "cnp", names: &["class", "classdata"] }, 0),
    ("setsid", Takes { letters: "", names: &[] }, 0),
    ("stdbuf", Takes { letters: "ioe", names: &["input", "output", "error"] }, 0),
    ("timeout", Takes { letters: "ks", names: &["kill-after", "signal"] }, 1),
    ("docker-entrypoint.sh", Takes { letters: "", names: &[] }, 0),
];

const SSH: Takes = Takes { letters: "BbcDEeFIiJLlmOopQRSWw", names: &[] };
const SU: Takes = Takes { letters: "cgGsuT", names: &["command", "group", "shell", "user"] };

impl Reader<'_, '_, '_, '_> {
    /// A program runs. What it prints is given back where that is known.
    pub(super) fn program(
        &mut self,
        arguments: &[Argument],
        mut environment: Environment,
        input: Option<&Literal>,
    ) -> Option<Literal> {
        let (first, rest) = arguments.split_first()?;
        if self.state.depth >= super::DEEPEST {
            return None;
        }
        let name = String::from_utf8_lossy(first.name()).into_owned();
        match &*name {
            "echo" => return self.echo(rest),
            "printf" => return self.printf(rest),
            "cat" | "envsubst" => return self.cat(rest, input),
            "tee" => {
                let files = Options::read(rest, Takes { letters: "", names: &[] });
                for file in &files.operands {
                    self.write(file, files.has(&["a", "append"]), input.cloned());
                }
                return input.cloned();
            }
            "sed" => {
                self.sed(rest);
                return None;
            }
            "export" | "readonly" | "declare" | "typeset" | "local" => {
                for argument in rest {
                    if let Some((name, value)) = argument.assignment() {
                        let name = name.to_vec();
                        self.uri(&value.text);
                        self.set(&name, value.text);
                    }
                }
                return None;
            }
            "bash" | "sh" | "zsh" | "ash" | "dash" | "ksh" => return self.shell(rest, environment, input),
            "eval" => return self.joined(rest).and_then(|text| self.nested(&text, input)),
            "su" | "runuser" => return self.su(rest, environment, input),
            "ssh" => return self.ssh(rest, input),
            "vagrant" if rest.first().is_some_and(|verb| verb.bytes() == b"ssh") => {
                let options = Options::read(rest, Takes { letters: "c", names: &["command"] });
                let command = options.value(&["c", "command"])?;
                return self.nested(&command.text, input);
            }
            _ => {}
        }
        if let Some((_, takes, operands)) = STARTERS.iter().find(|(starter, ..)| *starter == name) {
            let (_, mut rest) = Options::before(rest, *takes);
            rest = rest.get(*operands..).unwrap_or_default();
            while let Some((variable, value)) = rest.first().and_then(Argument::assignment) {
                self.uri(&value.text);
                environment.push((variable.to_vec(), value.text));
                rest = &rest[1..];
            }
            self.state.depth += 1;
            let output = self.program(rest, environment, input);
            self.state.depth -= 1;
            return output;
        }
        if self.container(&name, rest, &environment, input) {
            return None;
        }
        if !self.postgres(&name, first, rest, &environment, input) {
            self.unknown(&name, first, rest, environment, input);
        }
        self.uris(rest);
        None
    }

    /// Connection strings among the arguments of any program.
    fn uris(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            self.uri(&argument.text);
            if let Some(sign) = memchr::memchr(b'=', argument.bytes()) {
                self.uri(&argument.after(sign + 1).text);
            }
        }
    }

    /// A program that nothing is known of, perhaps a function or a script around psql.
    fn unknown(
        &mut self,
        name: &str,
        first: &Argument,
        rest: &[Argument],
        environment: Environment,
        input: Option<&Literal>,
    ) {
        /// Programs that take the names of others for words.
        const READERS: [&str; 24] = [
            "grep", "egrep", "which", "type", "hash", "apt", "apt-get", "apk", "yum", "dnf", "brew", "pkill",
            "killall", "pgrep", "man", "test", "[", "alias", "log", "info", "warn", "error", "die", "fail",
        ];
        if READERS.contains(&name) {
            return;
        }
        let psql = first.written.to_ascii_lowercase().contains("psql");
        if psql && name != "psql" || self.clients.contains(first.written.as_bytes()) {
            let sql = |text: &Literal| content::is_sql(text.text());
            if first.text.is_dynamic() {
                self.client("psql", rest, &environment, input);
                return;
            }
            for text in rest.iter().map(|argument| &argument.text).chain(input).filter(|text| sql(text)) {
                self.state.found.sql(text.clone(), None);
            }
            return;
        }
        let started = rest.iter().position(|argument| super::client::is_client(argument.name()));
        if let Some(at) = started {
            self.state.depth += 1;
            self.program(&rest[at..], environment, input);
            self.state.depth -= 1;
            return;
        }
        for text in rest.iter().map(|argument| &argument.text).chain(input) {
            self.unmistakable(text);
        }
    }

    /// `sh -c 'script'`, or a script on standard input.
    fn shell(&mut self, rest: &[Argument], environment: Environment, input: Option<&Literal>) -> Option<Literal> {
        let (options, rest) = Options::before(rest, Takes { letters: "oO", names: &["rcfile", "init-file"] });
        if options.has(&["c"]) {
            let command = rest.first()?;
            self.export(environment);
            return self.nested(&command.text, input);
        }
        match input {
            Some(script) if rest.is_empty() || options.has(&["s"]) => self.nested(script, None),
            _ => None,
        }
    }

    /// What stands before a shell holds for its commands, of which it is not known which connect.
    fn export(&mut self, environment: Environment) {
        let mut connection = super::Connection::default();
        for (name, value) in environment {
            connection.variable(&name, &value);
        }
        connection.add_to(self.state.found);
    }

    fn su(&mut self, rest: &[Argument], environment: Environment, input: Option<&Literal>) -> Option<Literal> {
        let options = Options::read(rest, SU);
        if let Some(command) = options.value(&["c", "command"]) {
            return self.nested(&command.text, input);
        }
        match (options.has(&["u", "user"]), input) {
            (true, _) => self.program(&options.operands, environment, input),
            (false, Some(script)) => self.nested(script, None),
            _ => None,
        }
    }

    /// `ssh host command`: the words are joined and read by the shell there.
    fn ssh(&mut self, rest: &[Argument], input: Option<&Literal>) -> Option<Literal> {
        let (_, rest) = Options::before(rest, SSH);
        let (host, command) = rest.split_first()?;
        // Options may follow the host.
        let (_, command) = Options::before(command, SSH);
        let server = role::of_name(&host.written);
        let joined = self.joined(command);
        self.within(&server, |reader| match (joined, input) {
            (Some(text), _) => reader.nested(&text, input),
            (None, Some(script)) => reader.nested(script, None),
            (None, None) => None,
        })
    }

    /// Arguments with a blank between them.
    fn joined(&self, arguments: &[Argument]) -> Option<Literal> {
        let mut words = Writer::new(&arguments.first()?.text);
        words.list(arguments.iter().map(|argument| &argument.text), " ", Writer::text);
        Some(words.build())
    }
}
