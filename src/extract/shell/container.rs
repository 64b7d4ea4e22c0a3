//! Commands in containers: `docker exec`, `docker run`, `docker compose exec`, `kubectl exec`.

use super::argument::{Argument, Options, Takes};
use super::run::Environment;
use super::{Literal, Reader};
use crate::discover::Host;
use crate::extract::{docker_image, image, role};

const DOCKER: Takes = Takes {
    letters: "cfHlpv",
    names: &[
        "config",
        "context",
        "file",
        "host",
        "log-level",
        "profile",
        "project-directory",
        "project-name",
        "env-file",
    ],
};

const EXEC: Takes = Takes { letters: "euw", names: &["env", "env-file", "user", "workdir", "index", "detach-keys"] };

const RUN: Takes = Takes {
    letters: "acehlmpuvw",
    names: &[
        "add-host",
        "attach",
        "cap-add",
        "cap-drop",
        "cpus",
        "cpu-shares",
        "device",
        "dns",
        "entrypoint",
        "env",
        "env-file",
        "expose",
        "gpus",
        "health-cmd",
        "health-interval",
        "health-retries",
        "health-start-period",
        "health-timeout",
        "hostname",
        "ip",
        "label",
        "link",
        "log-driver",
        "log-opt",
        "memory",
        "mount",
        "name",
        "net",
        "network",
        "network-alias",
        "pid",
        "platform",
        "publish",
        "pull",
        "restart",
        "runtime",
        "security-opt",
        "shm-size",
        "stop-timeout",
        "sysctl",
        "tmpfs",
        "ulimit",
        "user",
        "userns",
        "volume",
        "volumes-from",
        "workdir",
    ],
};

const KUBECTL: Takes = Takes {
    letters: "cfns",
    names: &["namespace", "container", "context", "kubeconfig", "cluster", "env", "image", "filename"],
};

impl Reader<'_, '_, '_, '_> {
    /// A program that runs others in containers; whether it is one.
    pub(super) fn container(
        &mut self,
        name: &str,
        rest: &[Argument],
        environment: &Environment,
        input: Option<&Literal>,
    ) -> bool {
        match name {
            "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" => self.docker(name, rest, input),
            "kubectl" | "oc" | "k3s" | "microk8s" | "microk8s.kubectl" => self.kubectl(rest, environment, input),
            _ => return false,
        }
        true
    }

    fn docker(&mut self, name: &str, rest: &[Argument], input: Option<&Literal>) {
        let mut compose = name.ends_with("compose");
        let (_, mut rest) = Options::before(rest, DOCKER);
        while let Some(verb) = rest.first().map(|verb| verb.bytes().to_vec()) {
            rest = &rest[1..];
            match &verb[..] {
                b"compose" => {
                    compose = true;
                    rest = Options::before(rest, DOCKER).1;
                }
                b"container" => {}
                b"exec" => return self.exec(Options::before(rest, EXEC), input),
                // What a service of a compose file runs is said there.
                b"run" if compose => return self.exec(Options::before(rest, RUN), input),
                b"run" | b"create" => return self.image(Options::before(rest, RUN), input),
                _ => return,
            }
        }
    }

    /// A command in a container that runs already.
    fn exec(&mut self, (options, rest): (Options, &[Argument]), input: Option<&Literal>) {
        let Some((container, command)) = rest.split_first() else { return };
        let server = role::of_name(&container.written);
        self.within(&server, |reader| {
            let environment = reader.environment(&options);
            reader.program(command, environment, input);
        });
    }

    /// Variables that an option sets.
    fn environment(&mut self, options: &Options) -> Environment {
        let mut environment = Environment::new();
        for variable in options.values(&["e", "env"]) {
            if let Some((name, value)) = variable.assignment() {
                self.uri(&value.text);
                environment.push((name.to_vec(), value.text));
            }
        }
        environment
    }

    /// A new container of an image.
    fn image(&mut self, (options, rest): (Options, &[Argument]), input: Option<&Literal>) {
        let Some((image, command)) = rest.split_first() else { return };
        let server = match options.value(&["name"]) {
            Some(name) if role::of_name(&name.written).is_empty() => name.written.clone(),
            Some(name) => role::of_name(&name.written),
            None => image.written.replace(['"', '\''], ""),
        };
        self.within(&server, |reader| {
            let environment = reader.environment(&options);
            let found = &mut *reader.state.found;
            if image::server(image.bytes()).is_none() {
                reader.program(command, environment, input);
                return;
            }
            image::major(&image.text, found);
            match command.first().map(Argument::bytes) {
                // The entry point starts the server with what are only options.
                Some(option) if !option.starts_with(b"-") => {
                    for (name, value) in &environment {
                        docker_image::environment(std::str::from_utf8(name).unwrap_or_default(), value, found);
                    }
                    reader.program(command, environment, input);
                }
                _ => {
                    docker_image::container(&environment, found);
                    super::command_line(command, found);
                }
            }
        });
    }

    fn kubectl(&mut self, rest: &[Argument], environment: &Environment, input: Option<&Literal>) {
        let end = rest.iter().position(|argument| argument.bytes() == b"--").unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        let options = Options::read(before, KUBECTL);
        let mut operands = options.operands.iter().skip_while(|operand| operand.bytes() == b"kubectl");
        let verb = operands.next().map(|verb| verb.bytes().to_vec());
        let from_input = options.value(&["f", "filename"]).is_some_and(|file| file.bytes() == b"-");
        if let (Some(b"apply" | b"create" | b"replace"), true, Some(manifest)) = (verb.as_deref(), from_input, input) {
            self.state.found.read(Host::Yaml, manifest);
            return;
        }
        let Some(pod) = operands.next() else { return };
        let server = role::of_name(&pod.written);
        let command = match after.split_first() {
            Some((_, command)) => command.to_vec(),
            None => operands.cloned().collect(),
        };
        if !matches!(verb.as_deref(), Some(b"exec" | b"run" | b"debug")) {
            return;
        }
        self.within(&server, |reader| {
            let mut environment = environment.clone();
            environment.extend(reader.environment(&options));
            reader.program(&command, environment, input);
        });
    }
}
