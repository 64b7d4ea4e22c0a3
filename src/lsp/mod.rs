//! The language server: findings while one types, and what is known of the word under the cursor.
//!
//! One thread reads, one writes, one checks; between them the loop here owns all state and never waits for a check.
//! What is said of the Language Server Protocol is said of its version 3.17.

mod actions;
mod client;
mod complete;
mod definition;
mod describe;
mod diagnostics;
mod document;
mod hover;
mod place;
mod position;
mod project;
mod request;
mod server;
mod spot;
mod uri;
mod wire;

use std::io::{self, BufReader};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use lsp_server::Message;

pub(crate) use project::Surroundings;
use project::{Checked, Checker, Job};
use server::Server;
use wire::Out;

/// How long nothing may change before a check starts.
const QUIET: Duration = Duration::from_millis(120);

/// What the loop hears of.
#[derive(Debug)]
enum Event {
    Message(Message),
    /// Something that is no message.
    Unreadable(String),
    /// The client is gone.
    Closed,
    Checked(Box<Checked>),
}

/// Serves one client on standard input and output. Gives the exit code that the protocol asks for.
///
/// # Errors
/// No thread can be had.
pub(crate) fn serve(around: Surroundings) -> io::Result<u8> {
    let (events, heard) = mpsc::channel();
    let (out, to_write) = mpsc::channel();
    let (jobs, to_check) = mpsc::channel();
    let from_client = events.clone();
    thread::Builder::new().name("reader".to_owned()).spawn(move || read(&from_client))?;
    let writer = thread::Builder::new().name("writer".to_owned()).spawn(move || write(&to_write))?;
    let checker = Checker::new(around.clone());
    // Trees of statements are parsed on this thread, as on that of a command.
    let checking = thread::Builder::new().name("checker".to_owned()).stack_size(8 << 20);
    checking.spawn(move || check(checker, &to_check, &events))?;
    let code = run(&mut Server::new(around, out, jobs), &heard);
    // What was said last is written before the process ends.
    let _ = writer.join();
    Ok(code)
}

fn run(server: &mut Server, heard: &Receiver<Event>) -> u8 {
    loop {
        let event = if server.is_dirty() {
            match heard.recv_timeout(QUIET) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => {
                    server.start_checks();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => Event::Closed,
            }
        } else {
            heard.recv().unwrap_or(Event::Closed)
        };
        let ended = match event {
            Event::Message(message) => server.message(message),
            Event::Unreadable(why) => {
                server.send(Out::Unreadable(why));
                None
            }
            Event::Closed => Some(server.exit_code()),
            Event::Checked(checked) => {
                server.checked(&checked);
                None
            }
        };
        if let Some(code) = ended {
            server.end();
            return code;
        }
    }
}

fn read(events: &Sender<Event>) {
    let mut input = BufReader::new(io::stdin());
    while let Ok(Some(read)) = wire::read(&mut input) {
        let event = read.map_or_else(Event::Unreadable, Event::Message);
        let exit = matches!(&event, Event::Message(Message::Notification(said)) if said.method == "exit");
        if events.send(event).is_err() || exit {
            return;
        }
    }
    let _ = events.send(Event::Closed);
}

fn write(messages: &Receiver<Out>) {
    let mut out = io::stdout().lock();
    for message in messages {
        // Where nobody reads, the end of the input follows.
        if wire::write(&mut out, &message).is_err() {
            return;
        }
    }
}

fn check(mut checker: Checker, jobs: &Receiver<Job>, events: &Sender<Event>) {
    for job in jobs {
        if events.send(Event::Checked(Box::new(checker.check(job)))).is_err() {
            return;
        }
    }
}
